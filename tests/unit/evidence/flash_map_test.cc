// SPDX-License-Identifier: MIT
#include "evidence/flash_map.h"

#include <gtest/gtest.h>

#include <string>

namespace lastgood {
namespace {

EvidenceItem Item(FlashEvidence flash) { return {{}, {}, std::move(flash)}; }

std::string Letters(const FlashMap& map) {
  std::string letters;
  for (const SectorFate fate : map.sectors()) letters += FateLetter(fate);
  return letters;
}

constexpr std::uint32_t kSector = kMapSectorBytes;

TEST(FlashMapTest, WithoutEvidenceThereIsNoMap) { EXPECT_TRUE(FlashMap({}).sectors().empty()); }

TEST(FlashMapTest, EveryFateIsTold) {
  const FlashMap map({Item({"flash",
                            8 * kSector,
                            {{0, 2 * kSector}},
                            {{2 * kSector, 2 * kSector}},
                            {{3 * kSector, 2 * kSector}},
                            {{6 * kSector, kSector}}})});
  EXPECT_EQ(Letters(map), "==EBW.?.");
  EXPECT_EQ(map.Count(SectorFate::kSame), 2U);
  EXPECT_EQ(map.Count(SectorFate::kUntouched), 2U);
  const auto stretches = map.Stretches();
  ASSERT_EQ(stretches.size(), 7U);
  EXPECT_EQ(stretches[1].range, (FlashRange{2 * kSector, kSector}));
}

TEST(FlashMapTest, WhatCameLaterCounts) {
  const FlashRange all{0, 2 * kSector};
  const FlashEvidence doubt{"flash", 0, {}, {}, {}, {all}};
  const FlashEvidence written{"rollback", 0, {}, {all}, {all}, {}};
  const FlashEvidence erased{"repair", 0, {}, {all}, {}, {}};
  const FlashEvidence same{"flash", 0, {all}, {}, {}, {}};
  EXPECT_EQ(Letters(FlashMap({Item(doubt), Item(written)})), "BB");
  EXPECT_EQ(Letters(FlashMap({Item(written), Item(doubt)})), "??");
  EXPECT_EQ(Letters(FlashMap({Item(written), Item(erased)})), "EE");
  EXPECT_EQ(Letters(FlashMap({Item(written), Item(same)})), "BB");
}

TEST(FlashMapTest, AnUnknownSizeAndAWrongOneEndTheMapSomewhere) {
  EXPECT_EQ(Letters(FlashMap({Item({"flash", 0, {}, {{kSector, 1}}, {}, {}})})), ".E");
  const FlashMap huge({Item({"flash", 0, {}, {{0xFFFFF000, 0xFFFFF000}}, {}, {}})});
  EXPECT_LE(huge.sectors().size(), 65'536U);
}

}  // namespace
}  // namespace lastgood
