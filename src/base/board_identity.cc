// SPDX-License-Identifier: MIT
#include "base/board_identity.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>

namespace lastgood {
namespace {

struct ChipNames {
  std::string_view name;
  std::string_view title;
};

constexpr ChipNames NamesOf(Chip chip) {
  switch (chip) {
    case Chip::kEsp8266:
      return {"esp8266", "ESP8266"};
    case Chip::kEsp32:
      return {"esp32", "ESP32"};
    case Chip::kEsp32S2:
      return {"esp32s2", "ESP32-S2"};
    case Chip::kEsp32S3:
      return {"esp32s3", "ESP32-S3"};
    case Chip::kEsp32C3:
      return {"esp32c3", "ESP32-C3"};
    case Chip::kEsp32C6:
      return {"esp32c6", "ESP32-C6"};
  }
  return {"unknown", "unknown chip"};
}

}  // namespace

std::string_view ChipName(Chip chip) { return NamesOf(chip).name; }

std::string_view ChipTitle(Chip chip) { return NamesOf(chip).title; }

std::optional<Chip> ParseChip(std::string_view name) {
  for (const Chip chip : kChips)
    if (name == ChipName(chip)) return chip;
  return std::nullopt;
}

std::string_view BoardIdentity::Title() const {
  return embedded_flash && chip == Chip::kEsp8266 ? "ESP8285" : ChipTitle(chip);
}

std::string MacAddress::ToString() const { return fmt::format("{:02x}", fmt::join(octets, ":")); }

std::optional<MacAddress> ParseMacAddress(std::string_view text) {
  MacAddress mac;
  if (text.size() != 3 * mac.octets.size() - 1) return std::nullopt;
  for (std::size_t i = 0; i < mac.octets.size(); ++i) {
    if (i > 0 && text[3 * i - 1] != ':') return std::nullopt;
    const char* const digits = text.data() + 3 * i;
    const auto [end, error] = std::from_chars(digits, digits + 2, mac.octets[i], 16);
    if (error != std::errc() || end != digits + 2) return std::nullopt;
  }
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
