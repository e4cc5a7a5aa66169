// SPDX-License-Identifier: MIT
#include "flash/write_runs.h"

#include <gtest/gtest.h>

#include "flash/stream_writer.h"
#include "unit/flash/bench.h"

namespace lastgood {
namespace {

using test::ImageOf;
using test::RandomBytes;
using Kind = WriteRun::Kind;

FlashDifference DifferenceOf(std::vector<FlashRange> ranges) {
  FlashDifference difference;
  difference.ranges = std::move(ranges);
  return difference;
}

TEST(WriteRunsTest, GapsAreSentAlongWhereThatIsCheaper) {
  const FlashableImage image = ImageOf(RandomBytes(0x20000, 1));
  const FlashTarget target({&image, 1});
  struct Case {
    std::uint32_t baud;
    std::vector<WriteRun> runs;
  };
  const FlashDifference difference =
      DifferenceOf({{0, 0x1000}, {0x2000, 0x1000}, {0x5000, 0x1000}});
  const Case cases[] = {
      {115200,
       {{Kind::kWrite, {0, 0x1000}},
        {Kind::kWrite, {0x2000, 0x1000}},
        {Kind::kWrite, {0x5000, 0x1000}}}},
      {460800, {{Kind::kWrite, {0, 0x3000}}, {Kind::kWrite, {0x5000, 0x1000}}}},
      {921600, {{Kind::kWrite, {0, 0x6000}}}},
  };
  for (const Case& row : cases)
    EXPECT_EQ(PlanRuns(target, difference, RulesFor(row.baud, 0, 0)), row.runs) << row.baud;
}

TEST(WriteRunsTest, LongBlankStretchesAreErasedAndShortOnesSent) {
  Bytes bytes = RandomBytes(0x40000, 1);
  std::fill_n(bytes.begin() + 0x4000, 0x7000, 0xFF);   // seven sectors
  std::fill_n(bytes.begin() + 0x10000, 0x8000, 0xFF);  // eight
  std::fill_n(bytes.begin() + 0x30000, 0x10000, 0xFF);
  const FlashableImage image = ImageOf(bytes);
  const FlashTarget target({&image, 1});
  EXPECT_EQ(PlanRuns(target, target.Everything(), {}),
            (std::vector<WriteRun>{{Kind::kWrite, {0, 0x10000}},
                                   {Kind::kErase, {0x10000, 0x8000}},
                                   {Kind::kWrite, {0x18000, 0x18000}},
                                   {Kind::kErase, {0x30000, 0x10000}}}));
  EXPECT_EQ(PlanRuns(target, DifferenceOf({{0x5000, 0x1000}}), {}),
            (std::vector<WriteRun>{{Kind::kErase, {0x5000, 0x1000}}}));
}

TEST(WriteRunsTest, RunsAreCutAtTheirLimitAndGetShorterWithTrouble) {
  const FlashableImage image = ImageOf(RandomBytes(0x9000, 1), 0x7000);
  const FlashTarget target({&image, 1});
  EXPECT_EQ(RulesFor(115200, 0, 0).run_bytes_max, 1U << 20);
  EXPECT_EQ(
      PlanRuns(target, target.Everything(), RulesFor(115200, 1, 0)),
      (std::vector<WriteRun>{{Kind::kWrite, {0x7000, 0x1000}}, {Kind::kWrite, {0x8000, 0x8000}}}));
  EXPECT_EQ(PlanRuns(target, target.Everything(), RulesFor(115200, 1, 1)).size(), 5U);
  EXPECT_EQ(PlanRuns(target, target.Everything(), RulesFor(115200, 2, 2)).size(), 9U);
}

TEST(WriteRunsTest, EveryDifferingSectorIsInExactlyOneRunOfOneImage) {
  for (std::uint32_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    Bytes bytes = RandomBytes(0x60000, seed);
    for (std::size_t at = 0; at < bytes.size(); at += 4096)
      if (at / 4096 % 32 < seed % 20)
        std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), 4096, 0xFF);
    // Neighbours: the second begins where the first ends.
    const std::vector<FlashableImage> images = {ImageOf(bytes, 0x10000),
                                                ImageOf(RandomBytes(0x20000, seed), 0x70000)};
    const FlashTarget target(images);
    DifferenceBuilder builder;
    std::vector<bool> differs(0x100, false);
    for (std::uint32_t sector = 0x10; sector < 0x90; ++sector)
      if (random() % 3 != 0) {
        differs[sector] = true;
        builder.Add(sector * 4096);
      }
    std::uint32_t end = 0;
    std::vector<bool> covered(0x100, false);
    for (const WriteRun& run : PlanRuns(target, builder.Finish(target.sectors()),
                                        RulesFor(921600, static_cast<int>(seed % 3), 0))) {
      EXPECT_GE(run.range.offset, end);
      end = run.range.offset + run.range.size_bytes;
      const ByteSpan content = target.Content(run.range);
      EXPECT_FALSE(content.empty());
      if (run.kind == Kind::kErase) {
        EXPECT_TRUE(IsBlank(content));
      }
      for (std::uint32_t at = run.range.offset; at < end; at += 4096) covered[at / 4096] = true;
    }
    for (std::size_t sector = 0; sector < differs.size(); ++sector)
      if (differs[sector]) {
        EXPECT_TRUE(covered[sector]) << sector;
      }
  }
}

TEST(RunStreamTest, BlocksMakeUpTheStreamAndTheLastOneHoldsData) {
  for (std::size_t size = 4; size < 70; ++size) {
    const Bytes content = RandomBytes(size * 4096, static_cast<std::uint32_t>(size));
    for (const bool stub : {false, true}) {
      const RunStream stream({0x10000, static_cast<std::uint32_t>(content.size())}, content, stub);
      Bytes sent;
      for (std::uint32_t i = 0; i < stream.blocks(); ++i) {
        const LoaderRequest block = stream.Block(i);
        EXPECT_EQ(block.opcode, stream.block_opcode());
        EXPECT_EQ(LoadLe32(block.data, 4), i);
        EXPECT_LE(block.data.size() - 16, stub ? 0x4000U : 0x400U);
        Append(sent, ByteSpan(block.data).subspan(16));
      }
      // Random bytes do not get smaller, so they are sent as they are.
      EXPECT_EQ(stream.block_opcode(), LoaderOpcode::kFlashData);
      EXPECT_EQ(sent, content);
      EXPECT_EQ(stream.BytesAfter(stream.blocks() - 1), content.size());
      EXPECT_EQ(LoadLe32(stream.Begin(false).data, 4), stream.blocks());
    }
  }
}

TEST(RunStreamTest, LastBlockIsNeverShorterThanAChecksumNeeds) {
  int checked = 0;
  for (std::uint32_t seed = 0; seed < 400; ++seed) {
    Bytes content = RandomBytes(2 * 4096, seed);
    std::fill(content.begin() + 900 + seed, content.end(), 0x11);
    const RunStream stream({0, static_cast<std::uint32_t>(content.size())}, content, false);
    ASSERT_EQ(stream.block_opcode(), LoaderOpcode::kDeflateData);
    if (stream.blocks() == 1) continue;
    const std::size_t last = stream.Block(stream.blocks() - 1).data.size() - 16;
    EXPECT_GE(last, 64U);
    const std::size_t before = stream.Block(stream.blocks() - 2).data.size() - 16;
    if (before < 0x400) ++checked;
  }
  EXPECT_GT(checked, 5);
}

}  // namespace
}  // namespace lastgood
