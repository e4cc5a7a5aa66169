// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "flash/write_steps.h"
#include "support/shared_input.h"
#include "support/temporary_directory.h"
#include "unit/flash/chip_bench.h"

namespace lastgood {
namespace {

using test::Bench;
using test::ImageOf;
using test::RandomBytes;

TEST(EstimateTest, OctetsAreThoseThatTheLoaderReallySends) {
  Bytes with_blank = RandomBytes(70000, 3);
  std::fill(with_blank.begin() + 8192, with_blank.begin() + 40960, 0xFF);
  Bytes nasty(9000, 0xC0);
  const std::vector<FlashableImage> images = {ImageOf(with_blank), ImageOf(nasty, 0x40000),
                                              ImageOf(RandomBytes(128, 1), 0x3FC000)};
  Bench bench;
  auto loader = bench.Connect();
  ASSERT_TRUE(loader->Identify());
  bench.port.written.clear();
  const auto requests_before = bench.rom.requests;
  ASSERT_TRUE(loader->Write(images, std::nullopt, 1, {}));
  std::uint64_t replies = 0;
  for (const auto& row : bench.rom.requests)
    replies += static_cast<std::uint64_t>(
        row.second - (requests_before.count(row.first) != 0 ? requests_before.at(row.first) : 0));
  EXPECT_EQ(EstimateWrite(images, 115200, false).wire_bytes,
            bench.port.written.size() + 12 * replies);
}

TEST(EstimateTest, DurationIsWireAndEraseAndProgramTime) {
  // 32 sectors at 0: 16 single erases up to the boundary and 16 more behind it, no block erase.
  const FlashableImage image = ImageOf(Bytes(32 * 4096, 0x11));
  const WriteEstimate at_115200 = EstimateWrite({&image, 1}, 115200, false);
  // Begin to erase, begin to write: 26 octets and a reply of 12 each; a block: 26 + 4096 and 12;
  // no octet of these needs an escape.
  EXPECT_EQ(at_115200.wire_bytes, 2U * 38U + 32U * (26U + 4096U + 12U));
  const double wire_ms = static_cast<double>(at_115200.wire_bytes) * 10'000 / 115200;
  const double flash_ms = 32 * 45 + 32 * 16 * 0.7;
  EXPECT_NEAR(static_cast<double>(at_115200.duration.count()), wire_ms + flash_ms, 2);
  const WriteEstimate at_460800 = EstimateWrite({&image, 1}, 460800, false);
  EXPECT_EQ(at_460800.wire_bytes, at_115200.wire_bytes);
  EXPECT_NEAR(static_cast<double>(at_460800.duration.count()), wire_ms / 4 + flash_ms, 2);
}

TEST(EstimateTest, LargeAreasCountBlockErases) {
  const FlashableImage blank = ImageOf(Bytes(160 * 4096, 0xFF));
  // 144 sectors asked for, 16 erased first: 16 singles, 8 blocks, and the last 16 one by one.
  const WriteEstimate estimate = EstimateWrite({&blank, 1}, 115200, false);
  EXPECT_EQ(estimate.wire_bytes, 38U);
  EXPECT_NEAR(static_cast<double>(estimate.duration.count()), 32 * 45 + 8 * 200 + 3.3, 2);
}

TEST(EstimateTest, StreamsAreCountedAsTheyAreSentAndTakeAboutAsLong) {
  Bytes bytes = test::FirmwareLike(640 * 1024, 5);
  std::fill_n(bytes.begin() + 0x20000, 0x18000, 0xFF);
  const FlashableImage image = ImageOf(bytes);
  for (const std::uint32_t baud : {115200U, 460800U, 921600U}) {
    SCOPED_TRACE(baud);
    test::ChipBench bench;
    bench.settings.baud = baud;
    bench.chip.flash = RandomBytes(4U << 20, 99);
    auto loader = bench.Connect();
    ASSERT_TRUE(loader);
    const auto difference = loader->Compare({&image, 1});
    ASSERT_TRUE(difference);
    const auto summary = loader->Write({&image, 1}, *difference, 1, {});
    ASSERT_TRUE(summary);
    const WriteEstimate estimate = EstimateWrite({&image, 1}, baud, true);
    // The replies count too: some 30 of 12 octets.
    EXPECT_NEAR(static_cast<double>(estimate.wire_bytes), static_cast<double>(summary->bytes_sent),
                700);
    const double elapsed = static_cast<double>(summary->elapsed.count());
    EXPECT_NEAR(static_cast<double>(estimate.duration.count()), elapsed, elapsed / 5);
  }
}

TEST(EstimateTest, NothingCostsNothing) {
  EXPECT_EQ(EstimateWrite({}, 115200, true).wire_bytes, 0U);
  EXPECT_EQ(EstimateWrite({}, 115200, false).wire_bytes, 0U);
  EXPECT_EQ(EstimateWrite({}, 0, false).duration.count(), 0);
}

TEST(WriteStepsTest, EveryByteOfTheImageIsSentOrBlank) {
  for (const std::uint32_t block_size : {kBlockSize, kCustomaryBlockSize}) {
    for (std::uint32_t seed = 1; seed < 30; ++seed) {
      SCOPED_TRACE(seed);
      Bytes bytes = RandomBytes(1 + seed * 1777, seed);
      for (std::size_t at = 0; at + 4096 <= bytes.size(); at += 4096)
        if (bytes[at] % 3 == 0)
          std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), 4096, 0xFF);
      const FlashableImage image = ImageOf(bytes, 0x5000);
      Bytes rebuilt(bytes.size(), 0xFF);
      std::uint32_t at = 0, sequence = 0, left = 0;
      for (const WriteStep& step : PlanImage(image, block_size).steps) {
        if (step.kind == WriteStep::Kind::kErase) continue;
        if (step.kind == WriteStep::Kind::kSeek) {
          EXPECT_EQ(left, 0U);
          EXPECT_EQ(step.offset % 4096, 0U);
          at = step.offset - image.offset();
          left = step.blocks;
          sequence = 0;
          continue;
        }
        EXPECT_EQ(step.sequence, sequence++);
        EXPECT_LE(step.data.size(), block_size);
        EXPECT_EQ(step.offset, image.offset() + at);
        EXPECT_LE(at + step.data.size(), rebuilt.size());
        std::copy(step.data.begin(), step.data.end(), rebuilt.begin() + at);
        at += static_cast<std::uint32_t>(step.data.size());
        --left;
      }
      EXPECT_EQ(left, 0U);
      EXPECT_EQ(rebuilt, bytes);
    }
  }
}

TEST(WriteStepsTest, ErasingGetsTheTimeThatSlowFlashNeeds) {
  const FlashableImage image = ImageOf(Bytes(1U << 20, 0));
  const ImageSteps plan = PlanImage(image, kBlockSize);
  EXPECT_GE(plan.steps[0].Timeout(), std::chrono::milliseconds(39900));
  EXPECT_EQ(plan.steps[1].Timeout(), std::chrono::milliseconds(3000));
  EXPECT_EQ(plan.steps[2].Timeout(), std::chrono::milliseconds(3000));
}

TEST(EstimateTest, BlankStretchesOfTheRealAtImageSaveMostOfTheTime) {
  const auto path = test::SharedInput("firmware/pimoroni-at-esp8266-firmware-latest.bin");
  if (!path) return;
  const Bytes bytes = test::ReadAll(*path);
  const FlashableImage image = ImageOf(bytes);
  EXPECT_EQ(PlanImage(image, kBlockSize).blank_bytes, 152U * 4096U);
  const WriteEstimate estimate = EstimateWrite({&image, 1}, 115200, false);
  EXPECT_LT(estimate.wire_bytes, bytes.size() * 42 / 100);
}

}  // namespace
}  // namespace lastgood
