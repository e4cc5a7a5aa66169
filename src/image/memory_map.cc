// SPDX-License-Identifier: MIT
#include "image/memory_map.h"

#include <algorithm>
#include <array>
#include <span>

namespace lastgood {
namespace {

struct MemoryRange {
  std::uint32_t begin;
  std::uint32_t end;  // exclusive
  bool executes;
};

constexpr bool kData = false;
constexpr bool kCode = true;

constexpr std::array kEsp8266 = {
    MemoryRange{0x3FFE8000, 0x40000000, kData},  // data RAM, with the ROM's own at its end
    MemoryRange{0x40100000, 0x40110000, kCode},  // instruction RAM, cache included
    MemoryRange{0x40200000, 0x40400000,
                kCode},  // flash, as the second-stage loaders' images name it
};

constexpr std::array kEsp32 = {
    MemoryRange{0x3F400000, 0x3FC00000, kData},  // flash and external RAM as data
    MemoryRange{0x3FF80000, 0x3FF82000, kData},  // RTC fast RAM as data
    MemoryRange{0x3FFAE000, 0x40000000, kData},  // SRAM 2 and 1
    MemoryRange{0x40070000, 0x400C0000, kCode},  // SRAM 0, caches included, and 1
    MemoryRange{0x400C0000, 0x400C2000, kCode},  // RTC fast RAM
    MemoryRange{0x400C2000, 0x40C00000, kCode},  // flash
    MemoryRange{0x50000000, 0x50002000, kCode},  // RTC slow RAM
};

constexpr std::array kEsp32S2 = {
    MemoryRange{0x3F000000, 0x3FF80000, kData},  // flash and external RAM as data
    MemoryRange{0x3FF9E000, 0x40000000, kData},  // RTC fast RAM, SRAM
    MemoryRange{0x40020000, 0x40072000, kCode},  // SRAM, RTC fast RAM
    MemoryRange{0x40080000, 0x40C00000, kCode},  // flash
    MemoryRange{0x50000000, 0x50002000, kCode},  // RTC slow RAM
};

constexpr std::array kEsp32S3 = {
    MemoryRange{0x3C000000, 0x3E000000, kData},  // flash and external RAM as data
    MemoryRange{0x3FC88000, 0x3FD00000, kData},  // SRAM
    MemoryRange{0x40370000, 0x403E0000, kCode},  // SRAM
    MemoryRange{0x42000000, 0x44000000, kCode},  // flash
    MemoryRange{0x50000000, 0x50002000, kCode},  // RTC slow RAM
    MemoryRange{0x600FE000, 0x60100000, kCode},  // RTC fast RAM
};

constexpr std::array kEsp32C3 = {
    MemoryRange{0x3C000000, 0x3C800000, kData},  // flash as data
    MemoryRange{0x3FC80000, 0x3FCE0000, kData},  // SRAM
    MemoryRange{0x4037C000, 0x403E0000, kCode},  // SRAM, cache included
    MemoryRange{0x42000000, 0x42800000, kCode},  // flash
    MemoryRange{0x50000000, 0x50002000, kCode},  // RTC RAM
};

constexpr std::array kEsp32C6 = {
    MemoryRange{0x40800000, 0x40880000, kCode},  // SRAM
    MemoryRange{0x42000000, 0x43000000, kCode},  // flash
    MemoryRange{0x50000000, 0x50004000, kCode},  // low-power RAM
};

std::span<const MemoryRange> MemoryOf(Chip chip) {
  switch (chip) {
    case Chip::kEsp8266:
      return kEsp8266;
    case Chip::kEsp32:
      return kEsp32;
    case Chip::kEsp32S2:
      return kEsp32S2;
    case Chip::kEsp32S3:
      return kEsp32S3;
    case Chip::kEsp32C3:
      return kEsp32C3;
    case Chip::kEsp32C6:
      return kEsp32C6;
  }
  return {};
}

bool Holds(const MemoryRange& range, std::uint32_t address, std::uint32_t size_bytes) {
  return address >= range.begin && address < range.end && size_bytes <= range.end - address;
}

}  // namespace

bool HasMemory(Chip chip, std::uint32_t address, std::uint32_t size_bytes) {
  const auto memory = MemoryOf(chip);
  return std::any_of(memory.begin(), memory.end(),
                     [&](const MemoryRange& range) { return Holds(range, address, size_bytes); });
}

bool HasCode(Chip chip, std::uint32_t address) {
  const auto memory = MemoryOf(chip);
  return std::any_of(memory.begin(), memory.end(), [&](const MemoryRange& range) {
    return range.executes && Holds(range, address, 4);
  });
}

}  // namespace lastgood
