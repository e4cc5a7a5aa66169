// SPDX-License-Identifier: MIT
// Any text as a manifest: a verdict, and what the record keeps of an accepted one is the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "manifest/manifest.h"

namespace {

void Survives(const lastgood::FirmwareSpec& firmware) {
  const auto again = lastgood::ParseFirmware(lastgood::FormatFirmware(firmware));
  if (!again || *again != firmware) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto manifest = lastgood::ParseManifest(text, "fuzz.toml");
  if (!manifest) {
    if (manifest.error().code != lastgood::ExitCode::kInvalidManifest) std::abort();
    if (manifest.error().message.empty()) std::abort();
    return 0;
  }
  Survives(manifest->firmware);
  for (const lastgood::FirmwareSpec& fallback : manifest->fallbacks) Survives(fallback);
  return 0;
}
