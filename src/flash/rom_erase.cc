// SPDX-License-Identifier: MIT
#include "flash/rom_erase.h"

#include <algorithm>

namespace lastgood {
namespace {

std::uint32_t SectorsToBoundary(std::uint32_t sector) {
  return kSectorsPerBlock - sector % kSectorsPerBlock;
}

}  // namespace

std::uint32_t RomErase::BlockErases() const {
  // While more than 16 sectors are left, the second pass takes whole blocks.
  return word_sectors <= kSectorsPerBlock ? 0 : (word_sectors - 1) / kSectorsPerBlock;
}

std::uint32_t RomErase::SectorErases() const {
  const std::uint32_t first_pass = std::min(SectorsToBoundary(start_sector), word_sectors);
  return first_pass + word_sectors - BlockErases() * kSectorsPerBlock;
}

std::vector<RomErase> PlanErase(std::uint32_t start_sector, std::uint32_t count) {
  if (count == 0) return {};
  const std::uint32_t head = SectorsToBoundary(start_sector);
  if (count >= 2 * head) return {{start_sector, count - head}};
  if (count % 2 == 0) return {{start_sector, count / 2}};
  if (count == 1) return {{start_sector, 1}};
  // Odd: an even stretch, and the last two again. Two fit before the boundary or astride it alike.
  return {{start_sector, count / 2}, {start_sector + count - 2, 1}};
}

}  // namespace lastgood
