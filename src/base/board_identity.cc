// SPDX-License-Identifier: MIT
#include "base/board_identity.h"

#include <fmt/format.h>

#include <cstdio>

namespace lastgood {

std::string_view ChipName(Chip chip) {
  switch (chip) {
    case Chip::kEsp8266:
      return "esp8266";
  }
  return "unknown";
}

std::string_view ChipTitle(Chip chip) {
  switch (chip) {
    case Chip::kEsp8266:
      return "ESP8266";
  }
  return "unknown chip";
}

std::optional<Chip> ParseChip(std::string_view name) {
  if (name == ChipName(Chip::kEsp8266)) return Chip::kEsp8266;
  return std::nullopt;
}

std::string MacAddress::ToString() const { return fmt::format("{:02x}", fmt::join(octets, ":")); }

std::optional<MacAddress> ParseMacAddress(std::string_view text) {
  if (text.size() != 17) return std::nullopt;
  MacAddress mac;
  unsigned value[6];
  int end = 0;
  const std::string copy(text);
  if (std::sscanf(copy.c_str(), "%2x:%2x:%2x:%2x:%2x:%2x%n", &value[0], &value[1], &value[2],
                  &value[3], &value[4], &value[5], &end) != 6 ||
      end != 17) {
    return std::nullopt;
  }
  for (std::size_t i = 0; i < 6; ++i) mac.octets[i] = static_cast<std::uint8_t>(value[i]);
  return mac;
}

std::optional<std::uint32_t> FlashSizeOfId(std::uint32_t flash_id) {
  constexpr std::uint32_t kAdesto = 0x1F;
  if (flash_id == 0 || flash_id == 0xFFFFFF || flash_id == 0xFFFF3F) return std::nullopt;
  if ((flash_id & 0xFF) == kAdesto) {
    const std::uint32_t density = flash_id >> 8 & 0x1F;
    if (density < 0x04 || density > 0x09) return std::nullopt;
    return 512U * 1024U << (density - 0x04);
  }
  const std::uint32_t code = flash_id >> 16 & 0xFF;
  if (code >= 0x12 && code <= 0x19) return 256U * 1024U << (code - 0x12);
  if (code >= 0x32 && code <= 0x39) return 256U * 1024U << (code - 0x32);
  switch (code) {
    case 0x1A:
    case 0x20:
    case 0x3A:
      return 64U << 20;
    case 0x1B:
    case 0x21:
      return 128U << 20;
    case 0x1C:
    case 0x22:
      return 256U << 20;
    default:
      return std::nullopt;
  }
}

}  // namespace lastgood
