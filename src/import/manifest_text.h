// SPDX-License-Identifier: MIT
// A manifest of lastgood's own, as text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/board_identity.h"
#include "base/digest_value.h"
#include "import/foreign_manifest.h"

namespace lastgood {

struct LocatedPart {
  std::uint32_t offset = 0;
  std::string url;
  Sha256Digest sha256;
  std::uint64_t size_bytes = 0;
};

struct NewManifest {
  std::string source;  // the file that it was made from
  std::string origin;  // "ESP-IDF's flasher_args.json"
  std::string name;
  std::string version;
  std::string recipe;
  Chip chip = Chip::kEsp8266;
  std::string flash_size;  // as ForeignManifest
  std::string flash_mode;
  std::string flash_frequency;
  std::vector<LocatedPart> parts;
};

std::string FormatManifest(const NewManifest& manifest);

// `text` as a manifest's name can be: "Release Tasmota32 (english)" is "Release-Tasmota32-english".
// Empty when nothing is left.
std::string NameFrom(std::string_view text);

// A path or URL path with everything but letters, digits and /._~- percent-encoded.
std::string PercentEncoded(std::string_view path);

}  // namespace lastgood
