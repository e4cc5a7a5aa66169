// SPDX-License-Identifier: MIT
// Any text as a recipe: a verdict. One that stands alone is whole.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "recipe/recipe.h"

namespace {

void Require(bool what) {
  if (!what) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto file = lastgood::ParseRecipeFile(text, "fuzz.toml");
  if (file) {
    Require(lastgood::JoinRecipe({*file}).has_value() == file->extends.empty());
    return 0;
  }
  Require(file.error().code == lastgood::ExitCode::kInvalidManifest);
  Require(!file.error().message.empty());
  return 0;
}
