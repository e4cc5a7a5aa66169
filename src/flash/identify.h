// SPDX-License-Identifier: MIT
// Which chip answers, and what flash it has (protocol reference, sections 6, 8 and 14). Replies
// carry no checksum, so every register is read until two readings agree.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/board_identity.h"
#include "base/result.h"
#include "flash/rom_link.h"

namespace lastgood {

// kBoard unless the chip is an ESP8266; names the chip when its magic word is known.
Result<void> CheckChip(RomLink& link);
Result<MacAddress> ReadMacAddress(RomLink& link);
// Attaches the flash, which disables the flash cache: for a chip in its loader only.
Result<std::uint32_t> ReadFlashId(RomLink& link);

// "ESP32-C3" of the word at 0x40001000; empty for an unknown one.
std::string_view ChipOfMagic(std::uint32_t magic);

// Of the eFuse words at 0x3FF00050, 0x3FF00054 and 0x3FF0005C; nullopt for an unknown vendor code.
std::optional<MacAddress> MacOfFuses(std::uint32_t m0, std::uint32_t m1, std::uint32_t m3);

}  // namespace lastgood
