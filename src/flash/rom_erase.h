// SPDX-License-Identifier: MIT
// The ESP8266 ROM's erase-size defect (protocol reference, section 7). FLASH_BEGIN erases up to the
// next 64 KiB boundary, forgets that it did, and erases the whole count again from there: more than
// was asked for, up to twice as much.
#pragma once

#include <cstdint>
#include <vector>

namespace lastgood {

inline constexpr std::uint32_t kSectorSize = 4096;
inline constexpr std::uint32_t kSectorsPerBlock = 16;

// What one FLASH_BEGIN with the size word `word_sectors` * 4096 erases, from `start_sector` on.
struct RomErase {
  std::uint32_t start_sector = 0;
  std::uint32_t word_sectors = 0;

  std::uint32_t SectorErases() const;  // single sectors
  std::uint32_t BlockErases() const;   // 64 KiB at a time
  std::uint32_t Sectors() const { return SectorErases() + BlockErases() * kSectorsPerBlock; }
};

// What to ask for so that exactly [start, start + count) is erased, in one or two requests. One
// sector alone can not be erased: its successor goes with it (the only case of excess). The
// one-request formulas in use elsewhere take a sector too many for every odd count up to the
// boundary, which may be the first sector of someone's file system.
std::vector<RomErase> PlanErase(std::uint32_t start_sector, std::uint32_t count);

}  // namespace lastgood
