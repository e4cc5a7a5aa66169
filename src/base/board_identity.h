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

enum class Chip { kEsp8266, kEsp32, kEsp32S2, kEsp32S3, kEsp32C3, kEsp32C6 };

inline constexpr std::array kChips = {Chip::kEsp8266, Chip::kEsp32,   Chip::kEsp32S2,
                                      Chip::kEsp32S3, Chip::kEsp32C3, Chip::kEsp32C6};

std::string_view ChipName(Chip chip);   // "esp32s2", as manifests spell it
std::string_view ChipTitle(Chip chip);  // "ESP32-S2", as people read it
std::optional<Chip> ParseChip(std::string_view name);

// Everything but the ESP8266: extended image headers, status words of four octets, text at 115200.
constexpr bool IsEsp32Family(Chip chip) { return chip != Chip::kEsp8266; }

// Where the boot ROM looks for the image that it starts (protocol reference, section 6).
constexpr std::uint32_t BootOffset(Chip chip) {
  return chip == Chip::kEsp32 || chip == Chip::kEsp32S2 ? 0x1000 : 0x0;
}

struct MacAddress {
  std::array<std::uint8_t, 6> octets{};
  std::string ToString() const;  // "18:fe:34:ab:cd:ef"
  auto operator<=>(const MacAddress&) const = default;
};

std::optional<MacAddress> ParseMacAddress(std::string_view text);

// What was burnt into the chip's fuses for good. Any of these makes plain firmware useless or
// deadly.
struct ChipSecurity {
  bool secure_boot = false;       // only signed firmware starts
  bool flash_encryption = false;  // flash holds, and expects, encrypted octets
  bool secure_download = false;   // the loader neither reads registers nor runs a stub

  bool operator==(const ChipSecurity&) const = default;
};

struct BoardIdentity {
  Chip chip = Chip::kEsp8266;
  MacAddress mac;
  std::uint32_t flash_id =
      0;  // JEDEC id as RDID returns it: byte 0 manufacturer, byte 2 capacity code
  std::uint32_t flash_size_bytes = 0;  // 0 when the capacity code is unknown
  bool embedded_flash = false;         // an ESP8285: an ESP8266 with its flash in the same package
  ChipSecurity security{};

  std::string_view Title() const;  // "ESP8285", "ESP32-C3"
};

// Capacity of a JEDEC id in bytes; nullopt for an id that the protocol reference's section 8 does
// not list.
std::optional<std::uint32_t> FlashSizeOfId(std::uint32_t flash_id);

}  // namespace lastgood
