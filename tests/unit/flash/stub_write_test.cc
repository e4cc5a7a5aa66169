// SPDX-License-Identifier: MIT
// EspLoader with stubs of both generations and with the ROMs of the ESP32 family, against the fake
// chip: what is in the flash afterwards, and what it cost.
#include <gtest/gtest.h>

#include <algorithm>

#include "unit/flash/chip_bench.h"

namespace lastgood {
namespace {

using test::ChipBench;
using test::FakeChip;
using test::FakeChipOptions;
using test::FirmwareLike;
using test::ImageOf;
using test::RandomBytes;
using Fault = FakeChip::Fault;

struct LoaderCase {
  Chip chip;
  int generation;  // 0: the ROM
};

std::vector<LoaderCase> EveryLoader() {
  std::vector<LoaderCase> cases;
  for (const Chip chip : kChips)
    for (int generation = 0; generation <= 2; ++generation)
      if (generation != 0 || IsEsp32Family(chip)) cases.push_back({chip, generation});
  return cases;
}

FakeChipOptions OptionsOf(const LoaderCase& row) {
  FakeChipOptions options;
  options.chip = row.chip;
  options.generation = row.generation;
  return options;
}

LoaderChoice ChoiceOf(const LoaderCase& row) {
  return row.generation == 0 ? LoaderChoice::kRom : LoaderChoice::kStub;
}

TEST(StubWriteTest, EveryChipIsIdentifiedThroughEveryLoader) {
  for (const LoaderCase& row : EveryLoader()) {
    SCOPED_TRACE(testing::Message() << ChipTitle(row.chip) << " " << row.generation);
    ChipBench bench(OptionsOf(row));
    bench.settings.choice = ChoiceOf(row);
    auto loader = bench.Connect();
    ASSERT_TRUE(loader) << loader.error().message;
    EXPECT_EQ(loader->Describe(),
              row.generation == 0 ? "ROM loader" : "stub loader " + std::to_string(row.generation));
    EXPECT_EQ(loader->chip(), row.chip);
    EXPECT_EQ(loader->baud(), 460800U);
    const auto identity = loader->Identify();
    ASSERT_TRUE(identity) << identity.error().message;
    EXPECT_EQ(identity->chip, row.chip);
    EXPECT_EQ(identity->mac.ToString(),
              IsEsp32Family(row.chip) ? "24:62:56:34:ab:cd" : "18:fe:34:ab:cd:ef");
    EXPECT_EQ(identity->flash_id, 0x1640EFU);
    EXPECT_EQ(identity->flash_size_bytes, 4U << 20);
    EXPECT_EQ(identity->security, ChipSecurity{});
    EXPECT_LT(bench.Seconds(), 0.6);
  }
}

TEST(StubWriteTest, ImagesAreInTheFlashAndNothingElseIsTouched) {
  for (const LoaderCase& row : EveryLoader()) {
    SCOPED_TRACE(testing::Message() << ChipTitle(row.chip) << " " << row.generation);
    ChipBench bench(OptionsOf(row));
    bench.settings.choice = ChoiceOf(row);
    bench.chip.flash = RandomBytes(4U << 20, 99);
    Bytes gappy = FirmwareLike(200'001, 5);
    std::fill_n(gappy.begin() + 40'960, 90'000, 0xFF);
    const std::vector<FlashableImage> images = {
        ImageOf(gappy, 0x10000), ImageOf(RandomBytes(3000, 7), 0x8000),
        ImageOf(Bytes(8192, 0xFF), 0x3FE000), ImageOf(FirmwareLike(20'000, 6), 0x1000)};
    Bytes expected = bench.chip.flash;
    for (const FlashableImage& image : images) {
      const std::size_t end = (image.offset() + image.bytes().size() + 4095) / 4096 * 4096;
      std::fill(expected.begin() + image.offset(),
                expected.begin() + static_cast<std::ptrdiff_t>(end), 0xFF);
      std::copy(image.bytes().begin(), image.bytes().end(), expected.begin() + image.offset());
    }
    auto loader = bench.Connect();
    ASSERT_TRUE(loader) << loader.error().message;
    std::vector<std::uint64_t> done;
    const auto summary = loader->Write(
        images, std::nullopt, 1, [&](std::uint64_t now, std::uint64_t) { done.push_back(now); });
    ASSERT_TRUE(summary) << summary.error().message;
    EXPECT_TRUE(bench.chip.flash == expected);
    EXPECT_TRUE(summary->digest_matches);
    EXPECT_EQ(summary->recoveries, 0);
    EXPECT_EQ(summary->sectors_total, 49U + 1U + 2U + 5U);
    EXPECT_TRUE(std::is_sorted(done.begin(), done.end()));
    EXPECT_EQ(done.back(), 200'001U + 3000 + 8192 + 20'000);
    const auto again = loader->Write(images, std::nullopt, 1, {});
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(again->sectors_written, 0U);
    EXPECT_EQ(again->sectors_erased, 0U);
    EXPECT_TRUE(again->digest_matches);
  }
}

TEST(StubWriteTest, OnlyWhatDiffersIsWritten) {
  for (const LoaderCase& row : EveryLoader()) {
    SCOPED_TRACE(testing::Message() << ChipTitle(row.chip) << " " << row.generation);
    ChipBench bench(OptionsOf(row));
    bench.settings.choice = ChoiceOf(row);
    const FlashableImage image = ImageOf(FirmwareLike(640'000, 5), 0x10000);
    std::copy(image.bytes().begin(), image.bytes().end(), bench.chip.flash.begin() + 0x10000);
    bench.chip.flash[0x10000 + 5] ^= 1;
    bench.chip.flash[0x10000 + 300'000] ^= 1;
    bench.chip.flash[0x10000 + 304'200] ^= 1;
    auto loader = bench.Connect();
    ASSERT_TRUE(loader) << loader.error().message;
    const auto difference = loader->Compare({&image, 1});
    ASSERT_TRUE(difference);
    ASSERT_TRUE(*difference);
    EXPECT_EQ((*difference)->ranges,
              (std::vector<FlashRange>{{0x10000, 0x1000}, {0x59000, 0x2000}}));
    const auto summary = loader->Write({&image, 1}, *difference, 1, {});
    ASSERT_TRUE(summary) << summary.error().message;
    EXPECT_TRUE(bench.Holds({&image, 1}));
    EXPECT_EQ(summary->sectors_written, 3U);
    EXPECT_EQ(bench.chip.counters.sectors_erased, 3U);
    EXPECT_TRUE(summary->digest_matches);
  }
}

TEST(StubWriteTest, FreshImageIsAtTheLimitOfTheWire) {
  struct Case {
    std::uint32_t baud;
    double share_min;
  };
  for (const int generation : {1, 2}) {
    for (const Case& row : {Case{115200, 0.97}, Case{460800, 0.97}, Case{921600, 0.80}}) {
      SCOPED_TRACE(testing::Message() << generation << " at " << row.baud);
      ChipBench bench(OptionsOf({Chip::kEsp8266, generation}));
      bench.settings.baud = row.baud;
      bench.chip.flash = RandomBytes(4U << 20, 99);
      const FlashableImage image = ImageOf(FirmwareLike(640 * 1024, 5));
      auto loader = bench.Connect();
      ASSERT_TRUE(loader) << loader.error().message;
      const double connected = bench.Seconds();
      const auto difference = loader->Compare({&image, 1});
      ASSERT_TRUE(difference);
      const double compared = bench.Seconds();
      const auto summary = loader->Write({&image, 1}, *difference, 1, {});
      ASSERT_TRUE(summary) << summary.error().message;
      const double written = bench.Seconds() - compared;
      const double wire = static_cast<double>(summary->bytes_sent) * 10 / row.baud;
      std::printf(
          "generation %d, %6u baud: connect %.3f s, compare %.3f s, write and prove %.3f s, "
          "wire limit %.3f s (%.1f %%), %u bytes digested\n",
          generation, row.baud, connected, compared - connected, written, wire,
          wire / written * 100, bench.chip.counters.bytes_digested);
      // The proof in the end is the chip's reading and hashing, not the wire's.
      const double proof = 640.0 * 1024 / 2.2e6;
      EXPECT_GE(wire / (written - proof), row.share_min);
      EXPECT_TRUE(bench.Holds({&image, 1}));
    }
  }
}

TEST(StubWriteTest, UnchangedImageCostsWellUnderTwoSeconds) {
  for (const int generation : {1, 2}) {
    ChipBench bench(OptionsOf({Chip::kEsp8266, generation}));
    const FlashableImage image = ImageOf(FirmwareLike(640'000, 5));
    std::copy(image.bytes().begin(), image.bytes().end(), bench.chip.flash.begin());
    auto loader = bench.Connect();
    ASSERT_TRUE(loader);
    const auto difference = loader->Compare({&image, 1});
    ASSERT_TRUE(difference && *difference);
    EXPECT_TRUE((*difference)->none());
    EXPECT_LT(bench.Seconds(), 1.0);
    EXPECT_EQ(bench.chip.counters.requests[0x13], 10);
    std::printf("unchanged, generation %d: %.3f s from reset to compared\n", generation,
                bench.Seconds());
  }
}

}  // namespace
}  // namespace lastgood
