// SPDX-License-Identifier: MIT
// Where the parts of an image can go: the address maps of the vendor's data sheets and linker
// scripts (RAM, RTC RAM and the windows through which flash is seen).
#pragma once

#include <cstdint>

#include "base/board_identity.h"

namespace lastgood {

// Whether [address, address + size_bytes) lies within one memory of the chip.
bool HasMemory(Chip chip, std::uint32_t address, std::uint32_t size_bytes);

// Instruction RAM or flash: where an entry point can be.
bool HasCode(Chip chip, std::uint32_t address);

}  // namespace lastgood
