// SPDX-License-Identifier: MIT
// Which chip answers, and what flash it has (protocol reference, sections 3, 6, 8 and 14). Replies
// carry no checksum, so every register is read until two readings agree.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/board_identity.h"
#include "base/result.h"
#include "flash/chip_table.h"
#include "flash/loader_link.h"

namespace lastgood {

struct DetectedChip {
  Chip chip = Chip::kEsp8266;
  ChipSecurity security;
};

// kBoard when it is none that lastgood supports; names it when it is known.
Result<DetectedChip> DetectChip(LoaderLink& link);

Result<MacAddress> ReadMacAddress(LoaderLink& link, const ChipRow& row);
// The ESP8266 of whose package the flash is a part.
Result<bool> IsEsp8285(LoaderLink& link);

// Wires the flash to its controller. On the ESP8266 this disables the flash cache: for a chip in
// its loader only. A stub does it by itself, but does not know an ESP32's other pads.
Result<void> AttachFlash(LoaderLink& link, const ChipRow& row, bool stub);
// Precondition: the flash is attached.
Result<std::uint32_t> ReadFlashId(LoaderLink& link, const ChipRow& row);
Result<void> SetFlashSize(LoaderLink& link, std::uint32_t flash_id, std::uint32_t size_bytes);

// Of the eFuse words at 0x3FF00050, 0x3FF00054 and 0x3FF0005C; nullopt for an unknown vendor code.
std::optional<MacAddress> MacOfEsp8266Fuses(std::uint32_t m0, std::uint32_t m1, std::uint32_t m3);
// The family's: the octets of the two words, the higher one first, less two.
MacAddress MacOfFamilyFuses(std::uint32_t low, std::uint32_t high);
// Of the words 0 and 6 of an ESP32's fuses.
ChipSecurity SecurityOfEsp32Fuses(std::uint32_t word0, std::uint32_t word6);
// Of the flags and the encryption counter in GET_SECURITY_INFO.
ChipSecurity SecurityOfInfo(std::uint32_t flags, std::uint8_t encryption_count);
// SPI_ATTACH's word of the words 3 and 5 of an ESP32's fuses; 0: the usual pads.
std::uint32_t PadsOfEsp32Fuses(std::uint32_t word3, std::uint32_t word5);

}  // namespace lastgood
