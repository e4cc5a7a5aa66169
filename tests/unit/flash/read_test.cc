// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "digest/digest.h"
#include "unit/flash/chip_bench.h"

namespace lastgood {
namespace {

using test::ChipBench;
using test::FakeChip;
using test::FakeChipOptions;
using test::RandomBytes;
using test::Slice;
using Fault = FakeChip::Fault;

FakeChipOptions OptionsOf(Chip chip, int generation) {
  FakeChipOptions options;
  options.chip = chip;
  options.generation = generation;
  return options;
}

TEST(ReadTest, AnyStretchComesAsItIsInTheFlash) {
  for (const int generation : {0, 1, 2}) {
    for (const std::uint32_t offset : {0U, 0x1234U, 0x3FF000U}) {
      for (const std::uint32_t size : {1U, 64U, 4095U, 4096U, 70'000U}) {
        if (offset + size > 4U << 20) continue;
        SCOPED_TRACE(testing::Message() << generation << ": " << size << " at " << offset);
        ChipBench bench(OptionsOf(Chip::kEsp32C3, generation));
        if (generation == 0) bench.settings.choice = LoaderChoice::kRom;
        bench.chip.flash = RandomBytes(4U << 20, 3);
        auto loader = bench.Connect();
        ASSERT_TRUE(loader);
        std::uint64_t last = 0;
        const auto read = loader->Read(offset, size, [&](std::uint64_t done, std::uint64_t total) {
          EXPECT_EQ(total, size);
          EXPECT_GE(done, last);
          last = done;
        });
        ASSERT_TRUE(read) << read.error().message;
        EXPECT_EQ(*read, Slice(bench.chip.flash, offset, size));
        EXPECT_EQ(last, size);
        EXPECT_EQ(*loader->Digest(offset, size), Md5(*read));
      }
    }
  }
}

TEST(ReadTest, ContentThatHasToBeEscapedThroughoutIsRead) {
  for (const int generation : {1, 2}) {
    ChipBench bench(OptionsOf(Chip::kEsp8266, generation));
    bench.chip.flash = Bytes(4U << 20, 0xC0);
    auto loader = bench.Connect();
    ASSERT_TRUE(loader);
    const auto read = loader->Read(0, 70'000, {});
    ASSERT_TRUE(read) << generation << ": " << read.error().message;
    EXPECT_EQ(*read, Bytes(70'000, 0xC0));
  }
}

TEST(ReadTest, StreamKeepsTheWireBusy) {
  for (const int generation : {1, 2}) {
    ChipBench bench(OptionsOf(Chip::kEsp8266, generation));
    bench.chip.flash = RandomBytes(4U << 20, 3);
    auto loader = bench.Connect();
    ASSERT_TRUE(loader);
    const double start = bench.Seconds();
    ASSERT_TRUE(loader->Read(0, 1U << 20, {}));
    const double share = (1U << 20) * 10.0 / 460800 / (bench.Seconds() - start);
    std::printf("reading 1 MiB, generation %d: %.1f %% of the wire's limit\n", generation,
                share * 100);
    EXPECT_GT(share, 0.9);
  }
}

TEST(ReadTest, WhatComesDamagedIsReadAgain) {
  for (const int generation : {0, 1, 2}) {
    for (const Fault fault : {Fault::kLoseReply, Fault::kCorruptReply, Fault::kLoseReplyOctet,
                              Fault::kStubDies, Fault::kReset}) {
      const auto opcode =
          static_cast<std::uint8_t>(generation == 0                                       ? 0x0E
                                    : fault == Fault::kStubDies || fault == Fault::kReset ? 0xD2
                                                                                          : 0);
      for (const int at : {0, 1, 17}) {
        if (opcode == 0xD2 && at > 1) continue;
        SCOPED_TRACE(testing::Message()
                     << generation << " fault " << static_cast<int>(fault) << " at " << at);
        ChipBench bench(OptionsOf(Chip::kEsp32C3, generation));
        if (generation == 0) bench.settings.choice = LoaderChoice::kRom;
        bench.chip.flash = RandomBytes(4U << 20, 3);
        bench.chip.fault_at = [=](std::uint8_t op, int n) {
          return op == opcode && n == at ? fault : Fault::kNone;
        };
        auto loader = bench.Connect();
        ASSERT_TRUE(loader);
        const auto read = loader->Read(0x10000, 100'000, {});
        ASSERT_TRUE(read) << read.error().message;
        EXPECT_EQ(*read, Slice(bench.chip.flash, 0x10000, 100'000));
      }
    }
  }
}

TEST(ReadTest, ReadingThatNeverSucceedsIsGivenUp) {
  ChipBench bench;
  bench.chip.fault_at = [](std::uint8_t opcode, int) {
    return opcode == 0 ? Fault::kCorruptReply : Fault::kNone;
  };
  auto loader = bench.Connect();
  ASSERT_TRUE(loader);
  const auto read = loader->Read(0, 10'000, {});
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ExitCode::kBoard);
  EXPECT_EQ(read.error().message,
            "cannot read the flash on '/dev/fake' at 460800 baud: what came from 0x0 has another "
            "digest (attempt 3)");
}

TEST(ReadTest, Esp8266RomRefusesWithAReason) {
  ChipBench bench;
  bench.settings.choice = LoaderChoice::kRom;
  auto loader = bench.Connect();
  ASSERT_TRUE(loader);
  EXPECT_FALSE(loader->can_read());
  const auto read = loader->Read(0, 4096, {});
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ExitCode::kRefused);
  EXPECT_EQ(read.error().message, "the ESP8266's ROM loader can not read the flash");
  EXPECT_EQ(read.error().hint, "install a stub loader (docs/stubs.md)");
  EXPECT_EQ(loader->Digest(0, 4096).error().message,
            "the ESP8266's ROM loader can not digest the flash");
}

TEST(ReadTest, BehindTheEndOfTheFlashIsRefused) {
  ChipBench bench;
  auto loader = bench.Connect();
  ASSERT_TRUE(loader);
  const auto read = loader->Read(0x3FF000, 0x2000, {});
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().message, "0x3ff000 to 0x401000 is out of reach: the flash has 4 MB");
}

}  // namespace
}  // namespace lastgood
