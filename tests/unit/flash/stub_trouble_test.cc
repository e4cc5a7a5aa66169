// SPDX-License-Identifier: MIT
// What goes wrong on the way to the flash, and that it ends in the right bytes or in a clear word.
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

constexpr std::uint8_t kDeflateBegin = 0x10, kDeflateData = 0x11, kDeflateEnd = 0x12,
                       kDigest = 0x13, kErase = 0xD1;

FakeChipOptions OptionsOf(Chip chip, int generation) {
  FakeChipOptions options;
  options.chip = chip;
  options.generation = generation;
  return options;
}

struct Trouble {
  Fault fault;
  std::uint8_t opcode;
  int at;
};

std::vector<Trouble> EveryTrouble() {
  std::vector<Trouble> troubles;
  for (const Fault fault : {Fault::kLoseOctet, Fault::kCorruptOctet, Fault::kLoseReply,
                            Fault::kCorruptReply, Fault::kLoseReplyOctet, Fault::kDuplicateReply,
                            Fault::kReset, Fault::kStubDies, Fault::kNoise}) {
    for (int at = 0; at < 5; ++at) troubles.push_back({fault, kDeflateData, at});
    for (int at = 0; at < 2; ++at) {
      troubles.push_back({fault, kDeflateBegin, at});
      troubles.push_back({fault, kDigest, at * 4});
    }
    troubles.push_back({fault, kDeflateEnd, 0});
    troubles.push_back({fault, kErase, 0});
  }
  return troubles;
}

TEST(StubTroubleTest, AnyFaultAtAnyRequestEndsInTheRightBytes) {
  Bytes bytes = FirmwareLike(140'000, 5);
  std::fill_n(bytes.begin() + 40'960, 40'960, 0xFF);
  const FlashableImage image = ImageOf(bytes, 0x10000);
  const Bytes before = RandomBytes(512U << 10, 99);
  for (const Chip chip : {Chip::kEsp8266, Chip::kEsp32C3}) {
    for (const int generation : {0, 1, 2}) {
      if (generation == 0 && chip == Chip::kEsp8266) continue;
      for (const Trouble& trouble : EveryTrouble()) {
        SCOPED_TRACE(testing::Message()
                     << ChipTitle(chip) << " generation " << generation << ", fault "
                     << static_cast<int>(trouble.fault) << " at " << trouble.at << " of 0x"
                     << std::hex << static_cast<int>(trouble.opcode));
        FakeChipOptions options = OptionsOf(chip, generation);
        options.flash_size = 512U << 10;
        options.flash_id = 0x1340EF;
        ChipBench bench(options);
        if (generation == 0) bench.settings.choice = LoaderChoice::kRom;
        bench.chip.flash = before;
        bench.chip.fault_at = [&trouble](std::uint8_t opcode, int n) {
          return opcode == trouble.opcode && n == trouble.at ? trouble.fault : Fault::kNone;
        };
        auto loader = bench.Connect();
        ASSERT_TRUE(loader) << loader.error().message;
        const auto summary = loader->Write({&image, 1}, std::nullopt, 3, {});
        ASSERT_TRUE(summary) << summary.error().message;
        EXPECT_TRUE(bench.Holds({&image, 1}));
        EXPECT_TRUE(summary->digest_matches);
        EXPECT_LE(summary->recoveries, 2);
        EXPECT_LT(bench.Seconds(), 45);
        EXPECT_TRUE(std::equal(before.begin(), before.begin() + 0x10000, bench.chip.flash.begin()));
        EXPECT_TRUE(
            std::equal(before.begin() + 0x33000, before.end(), bench.chip.flash.begin() + 0x33000));
      }
    }
  }
}

TEST(StubTroubleTest, WhatIsInTheFlashAlreadyIsNotSentAgain) {
  for (const int generation : {1, 2}) {
    ChipBench bench(OptionsOf(Chip::kEsp8266, generation));
    bench.chip.flash = RandomBytes(4U << 20, 99);
    bench.chip.fault_at = [](std::uint8_t opcode, int n) {
      return opcode == kDeflateData && n == 20 ? Fault::kLoseReply : Fault::kNone;
    };
    const FlashableImage image = ImageOf(FirmwareLike(640 * 1024, 5));
    auto loader = bench.Connect();
    ASSERT_TRUE(loader);
    const auto summary = loader->Write({&image, 1}, std::nullopt, 2, {});
    ASSERT_TRUE(summary) << summary.error().message;
    EXPECT_TRUE(bench.Holds({&image, 1}));
    EXPECT_EQ(summary->recoveries, 1);
    // Two thirds were there; the rest, what the stub had not flushed, and the stub's octets.
    EXPECT_LT(bench.chip.counters.bytes_programmed, 640U * 1024U + 100'000U);
  }
}

TEST(StubTroubleTest, LossyWireIsSurvivedForEverySeed) {
  for (const int generation : {1, 2}) {
    for (std::uint32_t seed = 1; seed <= 12; ++seed) {
      SCOPED_TRACE(testing::Message() << "generation " << generation << " seed " << seed);
      ChipBench bench(OptionsOf(Chip::kEsp8266, generation));
      bench.chip.flash = RandomBytes(4U << 20, 99);
      std::mt19937 random(seed);
      bench.chip.loses_octet = [&random](std::uint64_t) { return random() % 60'000 == 0; };
      const FlashableImage image = ImageOf(FirmwareLike(300'000, seed));
      auto loader = bench.Connect();
      ASSERT_TRUE(loader) << loader.error().message;
      const auto summary = loader->Write({&image, 1}, std::nullopt, 3, {});
      ASSERT_TRUE(summary) << summary.error().message;
      EXPECT_TRUE(bench.Holds({&image, 1}));
      EXPECT_TRUE(summary->digest_matches);
    }
  }
}

TEST(StubTroubleTest, HopelessWireIsGivenUpInBoundedTime) {
  for (const int generation : {1, 2}) {
    ChipBench bench(OptionsOf(Chip::kEsp8266, generation));
    bench.chip.flash = RandomBytes(4U << 20, 99);
    bench.chip.fault_at = [](std::uint8_t opcode, int) {
      return opcode == kDeflateData ? Fault::kCorruptOctet : Fault::kNone;
    };
    const FlashableImage image = ImageOf(FirmwareLike(300'000, 3));
    auto loader = bench.Connect();
    ASSERT_TRUE(loader);
    const auto summary = loader->Write({&image, 1}, std::nullopt, 3, {});
    ASSERT_FALSE(summary);
    EXPECT_EQ(summary.error().code, ExitCode::kBoard);
    EXPECT_EQ(summary.error().message,
              "cannot write on '/dev/fake' at 460800 baud: writing near 0x0 failed: checksum "
              "mismatch (error 0xc1); the sector at 0x0 does not hold what it should (attempt 3)");
    EXPECT_LT(bench.Seconds(), 15);
  }
}

TEST(StubTroubleTest, SectorThatDoesNotTakeWhatIsWrittenIsNamed) {
  for (const Chip chip : {Chip::kEsp8266, Chip::kEsp32}) {
    ChipBench bench(OptionsOf(chip, 1));
    bench.chip.flash = RandomBytes(4U << 20, 99);
    bench.chip.stuck_sectors = {0x25000};
    const FlashableImage image = ImageOf(FirmwareLike(300'000, 3));
    auto loader = bench.Connect();
    ASSERT_TRUE(loader);
    const auto summary = loader->Write({&image, 1}, std::nullopt, 2, {});
    ASSERT_FALSE(summary);
    EXPECT_EQ(summary.error().code, ExitCode::kBoard);
    EXPECT_EQ(summary.error().message,
              "cannot write on '/dev/fake' at 460800 baud: the image at 0x0 does not read back as "
              "it was written; the sector at 0x25000 does not hold what it should (attempt 2)");
    EXPECT_EQ(summary.error().hint, "the flash chip may be worn out; check the supply");
    // Everything else is in place, written once.
    EXPECT_LT(bench.chip.counters.bytes_programmed, 300'000U + 8U * 4096U);
  }
}

TEST(StubTroubleTest, VanishedDeviceEndsItAtOnce) {
  ChipBench bench;
  bench.chip.flash = RandomBytes(4U << 20, 99);
  const FlashableImage image = ImageOf(FirmwareLike(300'000, 3));
  auto loader = bench.Connect();
  ASSERT_TRUE(loader);
  bench.chip.fault_at = [&bench](std::uint8_t opcode, int n) {
    if (opcode == kDeflateData && n == 3) bench.chip.vanished = true;
    return Fault::kNone;
  };
  const auto summary = loader->Write({&image, 1}, std::nullopt, 5, {});
  ASSERT_FALSE(summary);
  EXPECT_EQ(summary.error().code, ExitCode::kBoard);
  EXPECT_EQ(summary.error().message, "serial port '/dev/fake' vanished");
}

TEST(StubTroubleTest, InterruptIsHeededSoonAndLeavesTheRestUnwritten) {
  ChipBench bench;
  bench.chip.flash = RandomBytes(4U << 20, 99);
  const FlashableImage image = ImageOf(FirmwareLike(300'000, 3));
  auto loader = bench.Connect();
  ASSERT_TRUE(loader);
  const auto summary =
      loader->Write({&image, 1}, std::nullopt, 5, [&bench](std::uint64_t done, std::uint64_t) {
        if (done > 50'000) bench.interrupt.Request();
      });
  ASSERT_FALSE(summary);
  EXPECT_EQ(summary.error().code, ExitCode::kInterrupted);
  EXPECT_LT(bench.chip.counters.bytes_programmed, 150'000U);
}

TEST(StubTroubleTest, KnownDifferenceThatIsOutOfDateIsFoundOutInTheEnd) {
  for (const int generation : {1, 2}) {
    ChipBench bench(OptionsOf(Chip::kEsp8266, generation));
    const FlashableImage image = ImageOf(FirmwareLike(200'000, 5));
    std::copy(image.bytes().begin(), image.bytes().end(), bench.chip.flash.begin());
    auto loader = bench.Connect();
    ASSERT_TRUE(loader);
    auto known = loader->Compare({&image, 1});
    ASSERT_TRUE(known && *known && (*known)->none());
    ASSERT_TRUE(loader->Erase(0x4000, 0x2000));
    const auto summary = loader->Write({&image, 1}, *known, 3, {});
    ASSERT_TRUE(summary) << summary.error().message;
    EXPECT_TRUE(bench.Holds({&image, 1}));
    EXPECT_EQ(summary->sectors_written, 2U);
  }
}

TEST(StubTroubleTest, ReconnectingContinuesWhereAFailedWriteStopped) {
  ChipBench bench;
  bench.chip.flash = RandomBytes(4U << 20, 99);
  const FlashableImage image = ImageOf(FirmwareLike(640 * 1024, 5));
  bench.chip.fault_at = [](std::uint8_t opcode, int n) {
    return opcode == kDeflateData && n >= 20 ? Fault::kLoseReply : Fault::kNone;
  };
  {
    auto loader = bench.Connect();
    ASSERT_TRUE(loader);
    EXPECT_FALSE(loader->Write({&image, 1}, std::nullopt, 1, {}));
  }
  bench.chip.fault_at = nullptr;
  bench.settings.baud = 115200;
  auto loader = bench.Connect();
  ASSERT_TRUE(loader);
  const auto summary = loader->Write({&image, 1}, std::nullopt, 1, {});
  ASSERT_TRUE(summary) << summary.error().message;
  EXPECT_TRUE(bench.Holds({&image, 1}));
  EXPECT_LT(summary->sectors_written, 80U);
}

}  // namespace
}  // namespace lastgood
