// SPDX-License-Identifier: MIT
// Where the parts of an ESP8266 image can go (the linker scripts of the vendor's SDKs: dram0, iram1
// and the flash window).
#pragma once

#include <array>
#include <cstdint>

namespace lastgood {

struct MemoryRange {
  std::uint32_t begin;
  std::uint32_t end;  // exclusive
};

inline constexpr std::array kEsp8266Memory = {
    MemoryRange{0x3FFE8000, 0x40000000},  // data RAM, with the ROM's own at its end
    MemoryRange{0x40100000, 0x40110000},  // instruction RAM, cache included
    MemoryRange{0x40200000, 0x40400000},  // flash, as the second-stage loaders' images name it
};

constexpr bool IsEsp8266Memory(std::uint32_t address, std::uint32_t size) {
  for (const MemoryRange& range : kEsp8266Memory)
    if (address >= range.begin && address < range.end && size <= range.end - address) return true;
  return false;
}

// Instruction RAM or flash: where an entry point can be.
constexpr bool IsEsp8266Code(std::uint32_t address) {
  return address >= kEsp8266Memory[1].begin && IsEsp8266Memory(address, 4);
}

}  // namespace lastgood
