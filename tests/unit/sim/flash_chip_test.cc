// SPDX-License-Identifier: MIT
#include "sim/flash_chip.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "sim/flash_work.h"
#include "support/temporary_directory.h"

namespace lastgood::sim {
namespace {

using std::chrono::microseconds;

std::unique_ptr<FlashChip> InMemory(std::uint32_t size_bytes = 1U << 20) {
  return *FlashChip::Open({}, size_bytes);
}

bool Blank(ByteSpan data) {
  return std::all_of(data.begin(), data.end(), [](std::uint8_t octet) { return octet == 0xFF; });
}

TEST(FlashChipTest, NewChipIsBlank) {
  const auto chip = InMemory();
  EXPECT_EQ(chip->size_bytes(), 1U << 20);
  EXPECT_TRUE(Blank(chip->content()));
}

TEST(FlashChipTest, ProgrammingOnlyClearsBits) {
  const auto chip = InMemory();
  chip->Program(0x100, Bytes{0xF0, 0x3C});
  chip->Program(0x100, Bytes{0x3C, 0xFF});
  EXPECT_EQ(chip->Read(0x100, 3), (Bytes{0x30, 0x3C, 0xFF}));
}

TEST(FlashChipTest, ErasingSetsTheWholeSectorAndNothingElse) {
  const auto chip = InMemory();
  chip->Overwrite(0, Bytes(0x4000, 0x00));
  chip->Erase(0x1FFF, kSectorSize);  // any address within it
  EXPECT_EQ(chip->At(0x0FFF), 0x00);
  EXPECT_TRUE(Blank(chip->content().subspan(0x1000, 0x1000)));
  EXPECT_EQ(chip->At(0x2000), 0x00);
}

TEST(FlashChipTest, AddressesWrapAtTheRealSize) {
  const auto chip = InMemory(1U << 20);
  chip->Program(0x3FC000, Bytes{0x05});
  EXPECT_EQ(chip->At(0x0FC000), 0x05);
  EXPECT_EQ(chip->At(0xFFFFC000), 0x05);
  chip->Program(0xFFFFF, Bytes{0x11, 0x22});
  EXPECT_EQ(chip->Read(0x0FFFFF, 2), (Bytes{0x11, 0x22}));
  EXPECT_EQ(chip->At(0), 0x22);
  chip->Erase(0x3FC000, kSectorSize);
  EXPECT_EQ(chip->At(0x0FC000), 0xFF);
}

TEST(FlashChipTest, OverwriteLeavesOutWhatExceedsTheChip) {
  const auto chip = InMemory(1U << 20);
  chip->Overwrite(0xFFFFE, Bytes{1, 2, 3, 4});
  EXPECT_EQ(chip->Read(0xFFFFE, 2), (Bytes{1, 2}));
  EXPECT_EQ(chip->At(0), 0xFF);
  chip->Overwrite(0x200000, Bytes{9});
  EXPECT_EQ(chip->At(0), 0xFF);
}

TEST(FlashChipTest, WornOutSectorErasesAndDoesNotProgram) {
  const auto chip = InMemory();
  chip->Overwrite(0x1000, Bytes(16, 0x00));
  chip->WearOut(1);
  chip->Erase(0x1000, kSectorSize);
  chip->Program(0x0FFF, Bytes{0x00, 0x00});
  EXPECT_EQ(chip->At(0x0FFF), 0x00);
  EXPECT_TRUE(Blank(chip->content().subspan(0x1000, 0x1000)));
}

TEST(FlashChipTest, InterruptedEraseLeavesAMixtureThatTheSeedRepeats) {
  const auto chip = InMemory();
  const auto again = InMemory();
  for (const auto& each : {chip.get(), again.get()}) {
    each->Overwrite(0x1000, Bytes(0x1000, 0x00));
    Dice dice(7);
    each->EraseInterrupted(0x1000, 0x1000, dice);
  }
  const ByteSpan sector = chip->content().subspan(0x1000, 0x1000);
  EXPECT_FALSE(Blank(sector));
  EXPECT_NE(std::count(sector.begin(), sector.end(), 0x00), 0x1000);
  EXPECT_TRUE(std::equal(chip->content().begin(), chip->content().end(), again->content().begin()));
}

TEST(FlashChipTest, InterruptedProgrammingKeepsAPrefix) {
  const auto chip = InMemory();
  Dice dice(3);
  chip->ProgramInterrupted(0, Bytes(256, 0x00), dice);
  const ByteSpan page = chip->content().first(256);
  const auto programmed = std::count(page.begin(), page.end(), 0x00);
  EXPECT_LT(programmed, 256);
  EXPECT_TRUE(Blank(page.subspan(static_cast<std::size_t>(programmed) + 1)));
}

TEST(FlashChipTest, ChangesAreSeenOnlyInTheirArea) {
  const auto chip = InMemory();
  const auto before = chip->ChangeCount(0x10000);
  chip->Program(0x10000, Bytes{0x00});
  EXPECT_EQ(chip->ChangeCount(0x10000), before);
  EXPECT_GT(chip->ChangeCount(0x11000), before);
  chip->Program(0xFFFF, Bytes{0x00});
  EXPECT_GT(chip->ChangeCount(0x10000), before);
}

TEST(FlashChipTest, FileKeepsTheContentAcrossChips) {
  const test::TemporaryDirectory directory;
  {
    const auto chip = *FlashChip::Open(directory / "flash.bin", 256U << 10);
    chip->Program(0x1234, Bytes{0x12, 0x34});
    // Already there while the chip still lives: a killed process loses nothing.
    EXPECT_EQ(test::ReadAll(directory / "flash.bin")[0x1234], 0x12);
  }
  const auto chip = *FlashChip::Open(directory / "flash.bin", 256U << 10);
  EXPECT_EQ(chip->Read(0x1233, 4), (Bytes{0xFF, 0x12, 0x34, 0xFF}));
}

TEST(FlashChipTest, FileOfAnotherSizeIsRefusedAndUntouched) {
  const test::TemporaryDirectory directory;
  test::WriteText(directory / "flash.bin", "not a flash");
  const auto chip = FlashChip::Open(directory / "flash.bin", 1U << 20);
  ASSERT_FALSE(chip);
  EXPECT_EQ(chip.error().code, ExitCode::kUsage);
  EXPECT_EQ(chip.error().message, "flash file '" + (directory / "flash.bin").string() +
                                      "' has 11 bytes, the chip has 1048576");
  EXPECT_EQ(test::ReadText(directory / "flash.bin"), "not a flash");
}

TEST(FlashChipTest, FileThatCannotBeOpenedIsAnError) {
  const auto chip = FlashChip::Open("/nonexistent/flash.bin", 1U << 20);
  ASSERT_FALSE(chip);
  EXPECT_EQ(chip.error().message,
            "cannot open flash file '/nonexistent/flash.bin': no such file or directory");
}

TEST(FlashChipTest, OddSizesAreRefused) {
  for (const std::uint32_t size : {0U, 1000U, 0x800U, 3U << 20}) {
    const auto chip = FlashChip::Open({}, size);
    ASSERT_FALSE(chip) << size;
    EXPECT_EQ(chip.error().code, ExitCode::kUsage);
  }
}

// --- Operations in time. ---

constexpr TimePoint kStart{microseconds(1'000'000)};

TEST(FlashWorkTest, ProgrammingIsCutAtPageBorders) {
  std::vector<FlashOperation> operations;
  AddProgramming(operations, 0x10F0, Bytes(0x120, 0x11));
  ASSERT_EQ(operations.size(), 3U);
  EXPECT_EQ(operations[0].address, 0x10F0U);
  EXPECT_EQ(operations[0].data.size(), 0x10U);
  EXPECT_EQ(operations[1].address, 0x1100U);
  EXPECT_EQ(operations[1].data.size(), 0x100U);
  EXPECT_EQ(operations[2].data.size(), 0x10U);
}

TEST(FlashWorkTest, OperationsTakeTheirTimeAndThenTakeEffect) {
  const auto chip = InMemory();
  chip->Overwrite(0, Bytes(0x20000, 0x00));
  FlashWork work(*chip);
  EXPECT_FALSE(work.Busy());
  work.Start(kStart, {{FlashOperation::Kind::kEraseSector, 0, {}},
                      {FlashOperation::Kind::kEraseBlock, 0x10000, {}},
                      {FlashOperation::Kind::kProgramPage, 0, {0x12}}});
  EXPECT_EQ(work.CurrentDone(), kStart + microseconds(45'000));
  EXPECT_EQ(chip->At(0), 0x00);
  work.FinishCurrent();
  EXPECT_EQ(chip->At(0), 0xFF);
  EXPECT_EQ(work.CurrentDone(), kStart + microseconds(245'000));
  work.FinishCurrent();
  EXPECT_TRUE(Blank(chip->content().subspan(0x10000, 0x10000)));
  EXPECT_EQ(work.CurrentDone(), kStart + microseconds(245'700));
  work.FinishCurrent();
  EXPECT_EQ(chip->At(0), 0x12);
  EXPECT_FALSE(work.Busy());
  EXPECT_EQ(work.counters().sectors_erased, 17U);
  EXPECT_EQ(work.counters().bytes_programmed, 1U);
}

TEST(FlashWorkTest, AbandonedWorkFinishesTheOperationThatTheChipIsIn) {
  const auto chip = InMemory();
  FlashWork work(*chip);
  work.Start(kStart, {{FlashOperation::Kind::kProgramPage, 0, {0x01}},
                      {FlashOperation::Kind::kProgramPage, 1, {0x02}}});
  work.Abandon();
  EXPECT_FALSE(work.Busy());
  EXPECT_EQ(chip->Read(0, 2), (Bytes{0x01, 0xFF}));
  work.Abandon();  // nothing to abandon
}

TEST(FlashWorkTest, LostPowerLeavesTheOperationHalfDone) {
  const auto chip = InMemory();
  chip->Overwrite(0, Bytes(0x2000, 0x00));
  FlashWork work(*chip);
  work.Start(kStart, {{FlashOperation::Kind::kEraseSector, 0, {}},
                      {FlashOperation::Kind::kEraseSector, 0x1000, {}}});
  Dice dice(1);
  work.LosePower(dice);
  EXPECT_FALSE(work.Busy());
  EXPECT_FALSE(Blank(chip->content().first(0x1000)));
  EXPECT_NE(chip->Read(0, 0x1000), Bytes(0x1000, 0x00));
  EXPECT_EQ(chip->Read(0x1000, 0x1000), Bytes(0x1000, 0x00));
}

}  // namespace
}  // namespace lastgood::sim
