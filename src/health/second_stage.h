// SPDX-License-Identifier: MIT
// What stands between the ROM and the application: the loader of Espressif's AT images ("2nd boot
// version : 1.5"), and that of ESP-IDF ("I (29) boot: …").
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lastgood {

struct BootPartition {
  std::string label;
  std::uint8_t type = 0;
  std::uint8_t subtype = 0;
  std::uint32_t offset = 0;
  std::uint32_t size_bytes = 0;
};

struct SecondStage {
  bool seen = false;
  std::string version;                    // "1.5" of the AT images' loader, "v4.4.1" of ESP-IDF
  std::string spi_speed;                  // "40MHz"
  std::string spi_mode;                   // "QIO"
  std::string flash_size;                 // "8Mbit(512KB+512KB)", "4MB"
  std::string jumps_to;                   // "user1 @ 1000"
  std::vector<BootPartition> partitions;  // at most 32
  std::vector<std::string> errors;        // of ESP-IDF: "boot: Failed to verify partition table"
  std::optional<std::uint32_t> app_offset;
};

// Adds what the line says; false: it is none of a second stage.
bool ReadSecondStage(std::string_view line, SecondStage& stage);

}  // namespace lastgood
