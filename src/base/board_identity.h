// SPDX-License-Identifier: MIT
// Who a board is: chip, factory MAC address and flash chip, as read through the ROM loader.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lastgood {

enum class Chip { kEsp8266 };

std::string_view ChipName(Chip chip);   // "esp8266", as manifests spell it
std::string_view ChipTitle(Chip chip);  // "ESP8266", as people read it
std::optional<Chip> ParseChip(std::string_view name);

struct MacAddress {
  std::array<std::uint8_t, 6> octets{};
  std::string ToString() const;  // "18:fe:34:ab:cd:ef"
  auto operator<=>(const MacAddress&) const = default;
};

std::optional<MacAddress> ParseMacAddress(std::string_view text);

struct BoardIdentity {
  Chip chip = Chip::kEsp8266;
  MacAddress mac;
  std::uint32_t flash_id =
      0;  // JEDEC id as RDID returns it: byte 0 manufacturer, byte 2 capacity code
  std::uint32_t flash_size_bytes = 0;  // 0 when the capacity code is unknown
};

// Capacity of a JEDEC id in bytes; nullopt for an id that the protocol reference's section 8 does
// not list.
std::optional<std::uint32_t> FlashSizeOfId(std::uint32_t flash_id);

}  // namespace lastgood
