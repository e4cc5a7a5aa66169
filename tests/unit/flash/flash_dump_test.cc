// SPDX-License-Identifier: MIT
#include "flash/flash_dump.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "digest/digest.h"
#include "support/pattern.h"

namespace lastgood {
namespace {

constexpr std::uint32_t kSize = 256 * 1024;

class Dumping : public testing::Test {
 protected:
  void Lay(std::uint32_t offset, ByteSpan bytes) {
    std::copy(bytes.begin(), bytes.end(), flash_.begin() + offset);
  }
  FlashDump Dump(std::vector<KnownContent> known = {}) {
    const FlashAccess access{[this](std::uint32_t offset, std::uint32_t size) -> Result<Md5Digest> {
                               ++digests_;
                               return Md5(ByteSpan(flash_).subspan(offset, size));
                             },
                             [this](std::uint32_t offset, std::uint32_t size) -> Result<Bytes> {
                               reads_.push_back({offset, size});
                               const ByteSpan piece = ByteSpan(flash_).subspan(offset, size);
                               return Bytes(piece.begin(), piece.end());
                             }};
    Result<FlashDump> dump = DumpFlash(access, kSize, known, {});
    EXPECT_TRUE(dump);
    return dump ? *std::move(dump) : FlashDump();
  }

  using Read = std::pair<std::uint32_t, std::uint32_t>;
  Bytes flash_ = Bytes(kSize, 0xFF);
  std::vector<Read> reads_;
  int digests_ = 0;
};

TEST_F(Dumping, BlankFlashIsNotRead) {
  const FlashDump dump = Dump();
  EXPECT_TRUE(dump.blank());
  EXPECT_EQ(dump.content, flash_);
  EXPECT_TRUE(reads_.empty());
  EXPECT_EQ(digests_, 4);
}

TEST_F(Dumping, OnlyUnknownSectorsAreReadAndNeighboursTogether) {
  Lay(0x3000, test::Pattern(5 * 4096, 1));
  Lay(0x20000, test::Pattern(10, 2));
  const FlashDump dump = Dump();
  EXPECT_EQ(dump.content, flash_);
  EXPECT_EQ(reads_, (std::vector<Read>{{0x3000, 5 * 4096}, {0x20000, 4096}}));
  EXPECT_EQ(dump.bytes_read, 6U * 4096);
  EXPECT_EQ(dump.bytes_blank + dump.bytes_read, kSize);
}

TEST_F(Dumping, WhatTheHostHasIsNotRead) {
  const Bytes image = test::Pattern(100'000, 3);
  const Bytes other = test::Pattern(50'000, 4);
  Lay(0x1000, image);
  const FlashDump dump = Dump({{0, other}, {0x1000, image}});
  EXPECT_EQ(dump.content, flash_);
  EXPECT_TRUE(reads_.empty());
  EXPECT_GT(dump.bytes_known, 100'000U);
}

TEST_F(Dumping, AChangedSectorOfAKnownImageIsRead) {
  const Bytes image = test::Pattern(100'000, 3);
  Lay(0, image);
  flash_[0x5123] ^= 1;
  const FlashDump dump = Dump({{0, image}});
  EXPECT_EQ(dump.content, flash_);
  EXPECT_EQ(reads_, (std::vector<Read>{{0x5000, 4096}}));
}

TEST_F(Dumping, LongStretchesAreReadInBoundedPieces) {
  Lay(0, test::Pattern(kSize, 5));
  const FlashDump dump = Dump();
  EXPECT_EQ(dump.content, flash_);
  EXPECT_EQ(reads_.size(), 4U);
}

TEST(FlashDump, AFailedDigestEndsIt) {
  const FlashAccess access{[](std::uint32_t, std::uint32_t) -> Result<Md5Digest> {
                             return Fail(ExitCode::kBoard, "gone");
                           },
                           {}};
  const Result<FlashDump> dump = DumpFlash(access, kSize, {}, {});
  ASSERT_FALSE(dump);
  EXPECT_EQ(dump.error().message, "gone");
}

}  // namespace
}  // namespace lastgood
