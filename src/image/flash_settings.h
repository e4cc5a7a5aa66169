// SPDX-License-Identifier: MIT
// What an image's header says about the flash (protocol reference, 13.4): names and nibbles.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/board_identity.h"

namespace lastgood {

enum class FlashMode : std::uint8_t { kQio = 0, kQout = 1, kDio = 2, kDout = 3 };

// New values for header bytes 2 and 3; nullopt keeps.
struct HeaderPatch {
  std::optional<FlashMode> mode;
  std::optional<std::uint8_t> frequency_nibble;
  std::optional<std::uint32_t> size_bytes;
};

// "qio", … ; "40m", …. nullopt for what the chip's header can not say.
std::optional<FlashMode> ParseFlashMode(std::string_view text);
std::optional<std::uint8_t> ParseFrequencyNibble(std::string_view text, Chip chip);
std::string_view FrequencyName(std::uint8_t nibble, Chip chip);  // empty for an unknown nibble
std::optional<std::uint8_t> SizeNibble(std::uint32_t size_bytes, Chip chip);
std::optional<std::uint32_t> FlashSizeOfNibble(std::uint8_t nibble, Chip chip);

// The largest size that a header can say.
std::uint32_t HeaderFlashSizeMax(Chip chip);

// "qio", …, or "0x05".
std::string FlashModeName(std::uint8_t mode);

}  // namespace lastgood
