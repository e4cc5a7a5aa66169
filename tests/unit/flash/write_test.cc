// SPDX-License-Identifier: MIT
// EspLoader::Write and Erase against the fake ROM.
#include <gtest/gtest.h>

#include <algorithm>

#include "unit/flash/bench.h"

namespace lastgood {
namespace {

using test::Bench;
using test::ImageOf;
using test::RandomBytes;
using test::Slice;
using Fault = test::FakeRom::Fault;

const WriteProgress kNoProgress;

// Everything is as before but the images, whose sectors are FF where they say nothing.
void ExpectFlashHolds(const Bench& bench, std::span<const FlashableImage> images) {
  Bytes expected(bench.rom.flash.size(), 0x77);
  for (const FlashableImage& image : images) {
    const std::size_t end = (image.offset() + image.bytes().size() + 4095) / 4096 * 4096;
    std::fill(expected.begin() + image.offset(),
              expected.begin() + static_cast<std::ptrdiff_t>(end), 0xFF);
  }
  for (const FlashableImage& image : images)
    std::copy(image.bytes().begin(), image.bytes().end(), expected.begin() + image.offset());
  if (expected == bench.rom.flash) return;
  const auto difference = std::mismatch(expected.begin(), expected.end(), bench.rom.flash.begin());
  ADD_FAILURE() << "flash differs at " << difference.first - expected.begin();
}

TEST(WriteTest, ImageIsInTheFlashAndNothingElseIsTouched) {
  for (const std::size_t size : {std::size_t{4097}, std::size_t{8192}, std::size_t{12345},
                                 std::size_t{70000}, std::size_t{300001}}) {
    for (const std::uint32_t offset : {0U, 0x1000U, 0x9000U, 0x3F000U}) {
      Bench bench;
      const FlashableImage image = ImageOf(RandomBytes(size, 5), offset);
      auto loader = bench.Connect();
      ASSERT_TRUE(loader);
      const auto summary = loader->Write({&image, 1}, std::nullopt, 1, kNoProgress);
      ASSERT_TRUE(summary) << summary.error().message;
      ExpectFlashHolds(bench, {&image, 1});
      EXPECT_GT(summary->bytes_sent, size);  // framing included
      EXPECT_LT(summary->bytes_sent, size * 102 / 100 + 200);
      EXPECT_EQ(summary->sectors_erased, static_cast<std::uint32_t>(bench.rom.sectors_erased));
      EXPECT_EQ(summary->blank_bytes_skipped, 0U);
    }
  }
}

TEST(WriteTest, SizeAndWordAlignmentAreNoConcernOfTheCaller) {
  for (std::size_t size = 5000; size < 5009; ++size) {
    Bench bench;
    const FlashableImage image = ImageOf(RandomBytes(size, 6));
    auto loader = bench.Connect();
    ASSERT_TRUE(loader->Write({&image, 1}, std::nullopt, 1, kNoProgress)) << size;
    ExpectFlashHolds(bench, {&image, 1});
  }
}

TEST(WriteTest, SeveralImagesInAnyOrderDoNotHurtEachOther) {
  Bench bench;
  // The single-sector ones make the ROM erase the sector behind them too.
  const std::vector<FlashableImage> images = {
      ImageOf(RandomBytes(20000, 1), 0x1000), ImageOf(RandomBytes(128, 2), 0x3FC000),
      ImageOf(RandomBytes(4080, 3), 0x0), ImageOf(RandomBytes(8192, 4), 0x3FD000)};
  auto loader = bench.Connect();
  const auto summary = loader->Write(images, std::nullopt, 1, kNoProgress);
  ASSERT_TRUE(summary) << summary.error().message;
  ExpectFlashHolds(bench, images);
}

TEST(WriteTest, BlankSectorsAreErasedAndNotSent) {
  Bytes bytes = RandomBytes(20 * 4096, 9);
  std::fill(bytes.begin() + 2 * 4096, bytes.begin() + 7 * 4096, 0xFF);
  std::fill(bytes.begin() + 12 * 4096, bytes.begin() + 13 * 4096, 0xFF);
  std::fill(bytes.begin() + 19 * 4096, bytes.end(), 0xFF);
  Bench bench;
  const FlashableImage image = ImageOf(bytes, 0x2000);
  auto loader = bench.Connect();
  const auto summary = loader->Write({&image, 1}, std::nullopt, 1, kNoProgress);
  ASSERT_TRUE(summary) << summary.error().message;
  ExpectFlashHolds(bench, {&image, 1});
  EXPECT_EQ(summary->blank_bytes_skipped, 7U * 4096U);
  EXPECT_GT(summary->bytes_sent, 13U * 4096U);
  EXPECT_LT(summary->bytes_sent, 14U * 4096U);
}

TEST(WriteTest, ImageOfNothingButFfIsOnlyErased) {
  Bench bench;
  const FlashableImage image = ImageOf(Bytes(8192, 0xFF), 0x3FE000);
  auto loader = bench.Connect();
  const auto summary = loader->Write({&image, 1}, std::nullopt, 1, kNoProgress);
  ASSERT_TRUE(summary) << summary.error().message;
  ExpectFlashHolds(bench, {&image, 1});
  EXPECT_EQ(summary->bytes_sent, 26U);  // one request to erase
  EXPECT_EQ(bench.rom.requests[0x03], 0);
}

TEST(WriteTest, ProgressGoesUpToTheTotalAndCountsBlankBytes) {
  Bytes bytes = RandomBytes(10 * 4096 + 100, 9);
  std::fill(bytes.begin() + 3 * 4096, bytes.begin() + 6 * 4096, 0xFF);
  std::fill(bytes.begin() + 10 * 4096, bytes.end(), 0xFF);
  const std::vector<FlashableImage> images = {ImageOf(bytes),
                                              ImageOf(RandomBytes(5000, 1), 0x20000)};
  Bench bench;
  auto loader = bench.Connect();
  std::vector<std::uint64_t> done;
  ASSERT_TRUE(loader->Write(images, std::nullopt, 1, [&](std::uint64_t now, std::uint64_t total) {
    EXPECT_EQ(total, bytes.size() + 5000);
    done.push_back(now);
  }));
  EXPECT_TRUE(std::is_sorted(done.begin(), done.end()));
  EXPECT_EQ(done.front(), 0U);
  EXPECT_EQ(done.back(), bytes.size() + 5000);
  EXPECT_GE(done.size(), 9U);
}

TEST(WriteTest, AnyFaultAtAnyRequestEndsInTheRightBytes) {
  const Bytes bytes = RandomBytes(9 * 4096 + 77, 21);
  const Fault faults[] = {Fault::kLoseRequest, Fault::kDropOctet,     Fault::kFlipBit,
                          Fault::kBreakOpcode, Fault::kLoseReply,     Fault::kFailFlash,
                          Fault::kRestart,     Fault::kForeignFrames, Fault::kTextBeforeReply,
                          Fault::kLateReply};
  for (const Fault fault : faults) {
    for (const std::uint8_t opcode : std::initializer_list<std::uint8_t>{0x02, 0x03}) {
      for (int at = 0; at < (opcode == 0x03 ? 10 : 3); ++at) {
        SCOPED_TRACE(testing::Message() << "fault " << static_cast<int>(fault) << ", request "
                                        << static_cast<int>(opcode) << " number " << at);
        Bench bench(1U << 20);
        bench.rom.flash_id = 0x1440EF;
        bench.rom.fault_at = [=](std::uint8_t op, int n) {
          return op == opcode && n == at ? fault : Fault::kNone;
        };
        const FlashableImage image = ImageOf(bytes, 0x1000);
        auto loader = bench.Connect();
        ASSERT_TRUE(loader);
        const auto summary = loader->Write({&image, 1}, std::nullopt, 2, kNoProgress);
        if (!summary && fault == Fault::kRestart && opcode == 0x02 && at == 0) {
          // Attaching the flash comes before the attempts begin.
          EXPECT_EQ(summary.error().code, ExitCode::kBoard);
          continue;
        }
        ASSERT_TRUE(summary) << summary.error().message;
        ExpectFlashHolds(bench, {&image, 1});
      }
    }
  }
}

TEST(WriteTest, FailedBlockIsNeverSentAgainWithoutErasing) {
  for (const Fault fault : {Fault::kFlipBit, Fault::kLoseReply, Fault::kLoseRequest}) {
    Bench bench;
    bench.rom.fault_at = [fault](std::uint8_t op, int n) {
      return op == 0x03 && n == 2 ? fault : Fault::kNone;
    };
    const FlashableImage image = ImageOf(RandomBytes(5 * 4096, 1));
    auto loader = bench.Connect();
    ASSERT_TRUE(loader->Write({&image, 1}, std::nullopt, 2, kNoProgress));
    // Attach; erase (5 sectors: 4, and the last two again), seek; and all of it once more.
    const std::vector<std::pair<std::uint32_t, std::uint32_t>> expected = {
        {0, 0}, {2 * 4096, 0}, {4096, 3 * 4096}, {0, 0}, {2 * 4096, 0}, {4096, 3 * 4096}, {0, 0}};
    EXPECT_EQ(bench.rom.begins, expected);
  }
}

TEST(WriteTest, LaterAttemptsUseTheCustomaryBlockSize) {
  Bench bench;
  bench.rom.fault_at = [](std::uint8_t op, int n) {
    return op == 0x03 && n == 1 ? Fault::kFlipBit : Fault::kNone;
  };
  const FlashableImage image = ImageOf(RandomBytes(2 * 4096, 1));
  auto loader = bench.Connect();
  ASSERT_TRUE(loader->Write({&image, 1}, std::nullopt, 2, kNoProgress));
  EXPECT_EQ(bench.rom.block_sizes, (std::vector<std::uint32_t>{4096, 4096, 1024, 1024, 1024, 1024,
                                                               1024, 1024, 1024, 1024}));
}

TEST(WriteTest, AttemptsAreCountedOverAllImages) {
  for (int attempts = 0; attempts < 5; ++attempts) {
    Bench bench;
    int failures_left = 2;
    bench.rom.fault_at = [&failures_left](std::uint8_t op, int) {
      return op == 0x03 && failures_left > 0 && failures_left-- > 0 ? Fault::kFlipBit
                                                                    : Fault::kNone;
    };
    const std::vector<FlashableImage> images = {ImageOf(RandomBytes(9000, 1)),
                                                ImageOf(RandomBytes(9000, 2), 0x10000)};
    auto loader = bench.Connect();
    const auto summary = loader->Write(images, std::nullopt, attempts, kNoProgress);
    EXPECT_EQ(summary.has_value(), attempts >= 3) << attempts;
    if (!summary) {
      EXPECT_EQ(summary.error().code, ExitCode::kBoard);
      EXPECT_EQ(summary.error().message,
                "cannot write the image at 0x0 on '/dev/fake' at 115200 baud: writing the block at "
                "0x0 failed: checksum mismatch (error 7) (attempt " +
                    std::to_string(std::max(attempts, 1)) + ")");
    }
  }
}

TEST(WriteTest, ChipThatRestartedIsResetIntoItsLoaderAndWritten) {
  Bench bench;
  bench.rom.fault_at = [](std::uint8_t op, int n) {
    return op == 0x03 && n == 3 ? Fault::kRestart : Fault::kNone;
  };
  const FlashableImage image = ImageOf(RandomBytes(30000, 1));
  auto loader = bench.Connect();
  ASSERT_TRUE(loader->Write({&image, 1}, std::nullopt, 2, kNoProgress));
  EXPECT_EQ(bench.lines.requests.size(), 2U);
  ExpectFlashHolds(bench, {&image, 1});
}

TEST(WriteTest, ChipThatStaysSilentIsGivenUpWithADiagnosis) {
  Bench bench;
  const FlashableImage image = ImageOf(RandomBytes(30000, 1));
  auto loader = bench.Connect();
  ASSERT_TRUE(loader);
  bench.rom.fault_at = [&bench](std::uint8_t op, int n) {
    if (op == 0x03 && n == 3) bench.rom.deaf = true;
    return Fault::kNone;
  };
  const auto summary = loader->Write({&image, 1}, std::nullopt, 5, kNoProgress);
  ASSERT_FALSE(summary);
  EXPECT_EQ(summary.error().code, ExitCode::kBoard);
  EXPECT_NE(summary.error().message.find("no loader answers"), std::string::npos)
      << summary.error().message;
}

TEST(WriteTest, PulledAdapterIsNotWorthAnotherAttempt) {
  Bench bench;
  const FlashableImage image = ImageOf(RandomBytes(30000, 1));
  auto loader = bench.Connect();
  bench.rom.fault_at = [&bench](std::uint8_t op, int n) {
    if (op == 0x03 && n == 3) bench.port.Vanish();
    return Fault::kNone;
  };
  const auto summary = loader->Write({&image, 1}, std::nullopt, 5, kNoProgress);
  ASSERT_FALSE(summary);
  EXPECT_EQ(summary.error().message, "serial port '/dev/fake' vanished");
  EXPECT_EQ(bench.rom.requests[0x03], 4);
}

TEST(WriteTest, InterruptStopsBetweenBlocks) {
  Bench bench;
  const FlashableImage image = ImageOf(RandomBytes(30000, 1));
  auto loader = bench.Connect();
  const auto summary =
      loader->Write({&image, 1}, std::nullopt, 5, [&bench](std::uint64_t done, std::uint64_t) {
        if (done >= 8192) bench.interrupt.Request();
      });
  ASSERT_FALSE(summary);
  EXPECT_EQ(summary.error().code, ExitCode::kInterrupted);
  EXPECT_EQ(bench.rom.requests[0x03], 2);
}

TEST(WriteTest, WhatTheRomCanNotReachIsRefusedBeforeAnythingIsErased) {
  struct Case {
    std::vector<FlashableImage> images;
    std::string_view message;
  };
  const Case cases[] = {
      {{ImageOf(Bytes(100, 1), 0x800)},
       "cannot write at 0x800: the flash is erased in sectors of 4096 bytes"},
      {{ImageOf(Bytes(8193, 1), 0xFE000)},
       "0xfe000 to 0x100001 is out of reach: the flash has 1 MB"},
      {{ImageOf(Bytes(100, 1), 0xFF000)},
       "the last sector of the flash (0xff000) can not be erased alone: the chip's ROM loader "
       "takes "
       "the next one along"},
      {{ImageOf(Bytes(5000, 1), 0), ImageOf(Bytes(100, 1), 0x1000)},
       "the images at 0x0 and 0x1000 share a sector: erasing for one would destroy the other"},
  };
  for (const Case& row : cases) {
    Bench bench(1U << 20);
    bench.rom.flash_id = 0x1440EF;
    auto loader = bench.Connect();
    const auto summary = loader->Write(row.images, std::nullopt, 2, kNoProgress);
    ASSERT_FALSE(summary);
    EXPECT_EQ(summary.error().code, ExitCode::kRefused);
    EXPECT_EQ(summary.error().message, row.message);
    EXPECT_EQ(bench.rom.sectors_erased, 0);
  }
  Bench large;
  large.rom.flash_id = 0x1840EF;
  const FlashableImage image = ImageOf(Bytes(8192, 1), 4U << 20);
  auto loader = large.Connect();
  EXPECT_EQ(loader->Write({&image, 1}, std::nullopt, 1, kNoProgress).error().message,
            "0x400000 to 0x402000 is out of reach: the chip's ROM loader knows the first 4 MB");
}

TEST(EraseTest, ExactlyTheRegionIsErased) {
  struct Case {
    std::uint32_t offset, size;
  };
  for (const Case& row : std::initializer_list<Case>{
           {0x3FB000, 0x5000}, {0, 0x2000}, {0xF000, 0x3000}, {0x7000, 0x40000}, {0, 4U << 20}}) {
    Bench bench;
    auto loader = bench.Connect();
    const auto erased = loader->Erase(row.offset, row.size);
    ASSERT_TRUE(erased) << erased.error().message;
    for (std::size_t at = 0; at < bench.rom.flash.size(); at += 4096) {
      const bool inside = at >= row.offset && at < row.offset + row.size;
      ASSERT_EQ(bench.rom.flash[at], inside ? 0xFF : 0x77) << at;
    }
  }
}

TEST(EraseTest, LostAnswerIsSurvived) {
  Bench bench;
  bench.rom.fault_at = [](std::uint8_t op, int n) {
    return op == 0x02 && n == 1 ? Fault::kLoseReply : Fault::kNone;
  };
  auto loader = bench.Connect();
  EXPECT_TRUE(loader->Erase(0x10000, 0x8000));
}

TEST(EraseTest, WhatCanNotBeErasedExactlyIsRefused) {
  Bench bench;
  auto loader = bench.Connect();
  for (const auto& [offset, size] : std::initializer_list<std::pair<std::uint32_t, std::uint32_t>>{
           {0x3FC000, 0x1000}, {0x100, 0x2000}, {0x1000, 0x1800}, {0x3FF000, 0x2000}}) {
    const auto erased = loader->Erase(offset, size);
    ASSERT_FALSE(erased) << offset;
    EXPECT_EQ(erased.error().code, ExitCode::kRefused);
  }
  EXPECT_EQ(bench.rom.sectors_erased, 0);
}

}  // namespace
}  // namespace lastgood
