// SPDX-License-Identifier: MIT
#include "image/flash_settings.h"

#include <fmt/format.h>

#include <array>
#include <span>
#include <utility>

namespace lastgood {
namespace {

struct SizeRow {
  std::uint8_t nibble;
  std::uint32_t size_bytes;
};

// The first row of a size is the one that is written; 5 and 6 are the 1024+1024 maps.
constexpr std::array kEsp8266Sizes = {
    SizeRow{0, 512U << 10}, SizeRow{1, 256U << 10}, SizeRow{2, 1U << 20},
    SizeRow{3, 2U << 20},   SizeRow{4, 4U << 20},   SizeRow{5, 2U << 20},
    SizeRow{6, 4U << 20},   SizeRow{8, 8U << 20},   SizeRow{9, 16U << 20},
};

constexpr std::array kFamilySizes = {
    SizeRow{0, 1U << 20},  SizeRow{1, 2U << 20},  SizeRow{2, 4U << 20},  SizeRow{3, 8U << 20},
    SizeRow{4, 16U << 20}, SizeRow{5, 32U << 20}, SizeRow{6, 64U << 20}, SizeRow{7, 128U << 20},
};

struct FrequencyRow {
  std::string_view name;
  std::uint8_t nibble;
};

constexpr std::array kFrequencies = {FrequencyRow{"40m", 0}, FrequencyRow{"26m", 1},
                                     FrequencyRow{"20m", 2}, FrequencyRow{"80m", 0xF}};

// On the C6 the nibble 0 stands for 80 and for 40 alike; the first row is the one that is read.
constexpr std::array kC6Frequencies = {FrequencyRow{"80m", 0}, FrequencyRow{"40m", 0},
                                       FrequencyRow{"20m", 2}};

constexpr std::array<std::string_view, 4> kModes = {"qio", "qout", "dio", "dout"};

std::span<const SizeRow> SizesOf(Chip chip) {
  if (IsEsp32Family(chip)) return kFamilySizes;
  return kEsp8266Sizes;
}

std::span<const FrequencyRow> FrequenciesOf(Chip chip) {
  if (chip == Chip::kEsp32C6) return kC6Frequencies;
  return kFrequencies;
}

}  // namespace

std::optional<std::uint32_t> FlashSizeOfNibble(std::uint8_t nibble, Chip chip) {
  for (const SizeRow& row : SizesOf(chip))
    if (row.nibble == nibble) return row.size_bytes;
  return std::nullopt;
}

std::optional<std::uint8_t> SizeNibble(std::uint32_t size_bytes, Chip chip) {
  for (const SizeRow& row : SizesOf(chip))
    if (row.size_bytes == size_bytes) return row.nibble;
  return std::nullopt;
}

std::uint32_t HeaderFlashSizeMax(Chip chip) { return SizesOf(chip).back().size_bytes; }

std::optional<FlashMode> ParseFlashMode(std::string_view text) {
  for (std::size_t i = 0; i < kModes.size(); ++i)
    if (kModes[i] == text) return static_cast<FlashMode>(i);
  return std::nullopt;
}

std::string FlashModeName(std::uint8_t mode) {
  return mode < kModes.size() ? std::string(kModes[mode]) : fmt::format("0x{:02x}", mode);
}

std::optional<std::uint8_t> ParseFrequencyNibble(std::string_view text, Chip chip) {
  for (const FrequencyRow& row : FrequenciesOf(chip))
    if (row.name == text) return row.nibble;
  return std::nullopt;
}

std::string_view FrequencyName(std::uint8_t nibble, Chip chip) {
  for (const FrequencyRow& row : FrequenciesOf(chip))
    if (row.nibble == nibble) return row.name;
  return {};
}

}  // namespace lastgood
