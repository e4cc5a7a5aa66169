// SPDX-License-Identifier: MIT
// Reads [firmware] and [[fallback]], which have the same shape.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "manifest/manifest.h"
#include "toml/document.h"

namespace lastgood {

// A person's manifest is read strictly. A record is our own writing: a firmware read back from a
// board has no address to download it from, and perhaps no known version.
enum class FirmwareOrigin { kManifest, kRecord };

struct FirmwarePlace {
  std::string path;       // "firmware"
  bool is_array = false;  // [[path]]
  FirmwareOrigin origin = FirmwareOrigin::kManifest;
  std::string required_chip;  // the chip that all firmware of a manifest is for; empty = any
};

// nullopt when a mistake was noted.
std::optional<FirmwareSpec> ReadFirmware(const toml::Table& table, const FirmwarePlace& place,
                                         toml::Diagnostics& diagnostics);

// [firmware.health]; `table` may be null.
HealthSpec ReadHealth(const toml::Table* table, const FirmwarePlace& place,
                      toml::Diagnostics& diagnostics);

}  // namespace lastgood
