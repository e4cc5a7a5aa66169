// SPDX-License-Identifier: MIT
#include "flash/rom_erase.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bitset>

namespace lastgood {
namespace {

// The ROM's loop, written down step by step from the protocol reference, section 7 (SPIEraseArea).
using Sectors = std::bitset<512>;

Sectors SimulateRom(std::uint32_t start, std::uint32_t count, int* sector_erases,
                    int* block_erases) {
  Sectors erased;
  std::uint32_t sector = start;
  std::uint32_t left = std::min(16 - start % 16, count);
  while (left != 0) {
    erased.set(sector++);
    ++*sector_erases;
    --left;
  }
  left = count - left;  // meant to be what the first loop left over; it has counted down to 0
  while (left > 16) {
    for (std::uint32_t i = 0; i < 16; ++i) erased.set(sector / 16 * 16 + i);
    ++*block_erases;
    sector += 16;
    left -= 16;
  }
  for (; left > 0; --left) {
    erased.set(sector++);
    ++*sector_erases;
  }
  return erased;
}

Sectors SimulateRom(std::uint32_t start, std::uint32_t count) {
  int ignored = 0;
  return SimulateRom(start, count, &ignored, &ignored);
}

Sectors Stretch(std::uint32_t start, std::uint32_t count) {
  Sectors sectors;
  for (std::uint32_t i = 0; i < count; ++i) sectors.set(start + i);
  return sectors;
}

TEST(RomEraseTest, PlanErasesExactlyWhatIsAskedForEveryStartAndCount) {
  for (std::uint32_t start = 0; start < 64; ++start) {
    for (std::uint32_t count = 1; count < 300; ++count) {
      Sectors erased;
      const std::vector<RomErase> plan = PlanErase(start, count);
      ASSERT_LE(plan.size(), 2U);
      for (const RomErase& erase : plan)
        erased |= SimulateRom(erase.start_sector, erase.word_sectors);
      const std::uint32_t expected = count == 1 ? 2 : count;
      ASSERT_EQ(erased, Stretch(start, expected)) << start << " + " << count;
    }
  }
}

TEST(RomEraseTest, CountsOfErasesAreTheRoms) {
  for (std::uint32_t start = 0; start < 32; ++start) {
    for (std::uint32_t count = 0; count < 300; ++count) {
      int sector_erases = 0;
      int block_erases = 0;
      SimulateRom(start, count, &sector_erases, &block_erases);
      const RomErase erase{start, count};
      ASSERT_EQ(erase.SectorErases(), static_cast<std::uint32_t>(sector_erases));
      ASSERT_EQ(erase.BlockErases(), static_cast<std::uint32_t>(block_erases));
    }
  }
}

TEST(RomEraseTest, NothingIsErasedForNothing) {
  EXPECT_TRUE(PlanErase(5, 0).empty());
  EXPECT_TRUE(SimulateRom(5, 0).none());  // what a FLASH_BEGIN of size 0 relies on
}

TEST(RomEraseTest, FormulasInUseElsewhereEraseTooLittleOrTooMuch) {
  int too_little = 0;
  int too_much = 0;
  for (std::uint32_t start = 0; start < 64; ++start) {
    for (std::uint32_t count = 1; count < 300; ++count) {
      const std::uint32_t head_room = 16 - start % 16;
      const std::uint32_t naive = count <= head_room ? (count + 1) / 2 : count - head_room;
      if (SimulateRom(start, naive).count() < count) ++too_little;
      const std::uint32_t head = std::min(head_room, count);
      const std::uint32_t usual = count < 2 * head ? (count + 1) / 2 : count - head;
      ASSERT_GE(SimulateRom(start, usual).count(), count);
      if (SimulateRom(start, usual).count() > count) ++too_much;
    }
  }
  EXPECT_EQ(too_little, 480);
  EXPECT_EQ(too_much, 544);
  EXPECT_EQ(SimulateRom(0, 17 - 16).count(), 2U);  // 2 of 17 sectors
}

TEST(RomEraseTest, ParameterAreaAtTheEndOfTheFlashDoesNotWrapAround) {
  const auto plan = PlanErase(0x3FB, 5);
  for (const RomErase& erase : plan) EXPECT_LE(erase.start_sector + erase.Sectors(), 0x400U);
}

}  // namespace
}  // namespace lastgood
