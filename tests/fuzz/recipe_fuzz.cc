// SPDX-License-Identifier: MIT
// Any text as a recipe: a verdict.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "recipe/recipe.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto recipe = lastgood::ParseRecipeFile(text, "fuzz.toml");
  if (recipe) return 0;
  if (recipe.error().code != lastgood::ExitCode::kInvalidManifest) std::abort();
  if (recipe.error().message.empty()) std::abort();
  return 0;
}
