// SPDX-License-Identifier: MIT
// Finding what differs: never missing a sector, and at what price in questions.
#include "flash/flash_compare.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "digest/digest.h"
#include "unit/flash/bench.h"

namespace lastgood {
namespace {

using test::ImageOf;
using test::RandomBytes;

struct Flash {
  Bytes bytes;
  int questions = 0;

  AskDigest Ask() {
    return [this](std::uint32_t offset, std::uint32_t size) -> Result<std::optional<Md5Digest>> {
      ++questions;
      return std::optional<Md5Digest>(Md5(ByteSpan(bytes).subspan(offset, size)));
    };
  }
  FlashDifference Compare(const FlashTarget& target) {
    return **CompareFlash(target, target.Everything().ranges, Ask());
  }
};

// A flash of 1 MiB that holds the target.
Flash Holding(const FlashTarget& target, std::uint32_t seed = 9) {
  Flash flash{RandomBytes(1U << 20, seed)};
  for (const FlashExtent& extent : target.extents())
    std::copy(extent.bytes.begin(), extent.bytes.end(), flash.bytes.begin() + extent.offset);
  return flash;
}

TEST(FlashCompareTest, PriceOfTheUsualCases) {
  const FlashableImage image = ImageOf(RandomBytes(640 * 1024, 1));
  const FlashTarget target({&image, 1});

  Flash same = Holding(target);
  EXPECT_TRUE(same.Compare(target).none());
  EXPECT_EQ(same.questions, 10);

  Flash blank{Bytes(1U << 20, 0xFF)};
  EXPECT_EQ(blank.Compare(target).sectors, 160U);
  EXPECT_EQ(blank.questions, 10);

  Flash other{RandomBytes(1U << 20, 2)};
  EXPECT_EQ(other.Compare(target).ranges, (std::vector<FlashRange>{{0, 640 * 1024}}));
  EXPECT_EQ(other.questions, 10 + 4 + 9 * 2);

  Flash one = Holding(target);
  one.bytes[0x13456] ^= 1;
  EXPECT_EQ(one.Compare(target).ranges, (std::vector<FlashRange>{{0x13000, 0x1000}}));
  EXPECT_LE(one.questions, 10 + 16);

  Flash last = Holding(target);
  last.bytes[0x1F000] ^= 1;  // the only one in doubt when all others are known
  EXPECT_EQ(last.Compare(target).ranges, (std::vector<FlashRange>{{0x1F000, 0x1000}}));
}

TEST(FlashCompareTest, NoDifferenceIsEverMissed) {
  for (std::uint32_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const std::vector<FlashableImage> images = {
        ImageOf(RandomBytes(1 + random() % 200'000, seed),
                0x40000 + static_cast<std::uint32_t>(random() % 16 * 0x1000)),
        ImageOf(RandomBytes(1 + random() % 100'000, seed + 1),
                static_cast<std::uint32_t>(random() % 4 * 0x1000))};
    const FlashTarget target(images);
    Flash flash = Holding(target, seed);
    std::vector<std::uint32_t> changed;
    for (const FlashExtent& extent : target.extents())
      for (std::uint32_t at = extent.offset; at < extent.end(); at += 4096)
        if (random() % (1 + seed % 12) == 0) {
          flash.bytes[at + random() % 4096] ^= 0x10;
          changed.push_back(at);
        }
    const FlashDifference difference = flash.Compare(target);
    std::uint32_t sectors = 0;
    for (const FlashRange& range : difference.ranges) {
      EXPECT_EQ(range.offset % 4096 + range.size_bytes % 4096, 0U);
      sectors += range.size_bytes / 4096;
    }
    EXPECT_EQ(sectors, difference.sectors);
    EXPECT_EQ(difference.sectors_total, target.sectors());
    for (const std::uint32_t at : changed)
      EXPECT_TRUE(std::any_of(difference.ranges.begin(), difference.ranges.end(),
                              [at](const FlashRange& range) {
                                return at >= range.offset && at < range.offset + range.size_bytes;
                              }))
          << at;
    if (changed.empty()) {
      EXPECT_TRUE(difference.none());
    }
  }
}

TEST(FlashCompareTest, OctetsBehindAnImageInItsLastSectorCountAsDifferent) {
  const FlashableImage image = ImageOf(RandomBytes(5000, 1), 0x3000);
  const FlashTarget target({&image, 1});
  EXPECT_EQ(target.sectors(), 2U);
  Flash flash = Holding(target);
  EXPECT_TRUE(flash.Compare(target).none());
  flash.bytes[0x3000 + 5000] = 0x55;
  EXPECT_EQ(flash.Compare(target).ranges, (std::vector<FlashRange>{{0x4000, 0x1000}}));
}

TEST(FlashCompareTest, OnlyWhatIsAskedForIsLookedAt) {
  const FlashableImage image = ImageOf(RandomBytes(640 * 1024, 1));
  const FlashTarget target({&image, 1});
  Flash flash{RandomBytes(1U << 20, 2)};
  const auto difference =
      CompareFlash(target, {{0x10000, 0x2000}, {0x90000, 0x100000}}, flash.Ask());
  ASSERT_TRUE(difference && *difference);
  EXPECT_EQ((*difference)->ranges,
            (std::vector<FlashRange>{{0x10000, 0x2000}, {0x90000, 0x10000}}));
}

TEST(FlashCompareTest, DigestThatCanNotBeHadEndsIt) {
  const FlashableImage image = ImageOf(RandomBytes(200'000, 1));
  const FlashTarget target({&image, 1});
  for (int answers = 0; answers < 5; ++answers) {
    Flash flash{RandomBytes(1U << 20, 2)};
    const AskDigest honest = flash.Ask();
    const auto difference = CompareFlash(
        target, target.Everything().ranges,
        [&](std::uint32_t offset, std::uint32_t size) -> Result<std::optional<Md5Digest>> {
          if (flash.questions == answers) return std::optional<Md5Digest>();
          return honest(offset, size);
        });
    ASSERT_TRUE(difference);
    EXPECT_FALSE(*difference);
  }
}

}  // namespace
}  // namespace lastgood
