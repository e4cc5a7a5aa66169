// SPDX-License-Identifier: MIT
// Pins, power, time and rates of the whole board.
#include <gtest/gtest.h>

#include <algorithm>

#include "board_rig.h"
#include "support/temporary_directory.h"
#include "synthetic_image.h"

namespace lastgood::sim {
namespace {

// What a console went through, kept beyond the board.
struct ConsoleDiary {
  int starts = 0;
  int stops = 0;
  int polls = 0;
  FirmwareFacts facts;
  std::string received;
  std::string to_poll;  // said at the next poll
};

class DiaryConsole final : public Console {
 public:
  explicit DiaryConsole(ConsoleDiary& diary) : diary_(diary) {}
  Bytes Start(const FirmwareFacts& facts) override {
    ++diary_.starts;
    diary_.facts = facts;
    return ToBytes("started\r\n");
  }
  Bytes Receive(std::uint8_t octet) override {
    diary_.received += static_cast<char>(octet);
    return {static_cast<std::uint8_t>(octet + 1)};
  }
  Bytes Poll() override {
    ++diary_.polls;
    return ToBytes(std::exchange(diary_.to_poll, {}));
  }
  void Stop() override { ++diary_.stops; }

 private:
  ConsoleDiary& diary_;
};

constexpr const char* kPowerOnLine = "\n ets Jan  8 2013,rst cause:1, boot mode:(3,6)\n\n";
constexpr const char* kResetLine = "\n ets Jan  8 2013,rst cause:2, boot mode:(3,6)\n\n";
constexpr const char* kDownloadLine = "\n ets Jan  8 2013,rst cause:2, boot mode:(1,6)\n\n";

std::size_t Count(std::string_view text, std::string_view wanted) {
  std::size_t count = 0;
  for (std::size_t at = text.find(wanted); at != std::string_view::npos;
       at = text.find(wanted, at + 1))
    ++count;
  return count;
}

TEST(BoardResetTest, PowerOnIsCauseOneAndResetPinIsCauseTwo) {
  Rig rig;
  EXPECT_EQ(rig.ListenText(milliseconds(100)), std::string(kPowerOnLine) + "ets_main.c \n");
  EXPECT_EQ(rig.Reset(BoardMode::kRun, milliseconds(100)),
            std::string(kResetLine) + "ets_main.c \n");
  rig.board().SetPower(false);
  rig.board().SetPower(true);
  EXPECT_EQ(rig.ListenText(milliseconds(100)), std::string(kPowerOnLine) + "ets_main.c \n");
}

TEST(BoardResetTest, BootPinIsSampledAtTheRisingEdgeOfReset) {
  Rig rig;
  rig.ListenText(milliseconds(100));
  rig.board().SetLines(true, true);
  EXPECT_EQ(rig.ListenText(milliseconds(100)), "");
  rig.board().SetLines(true, false);  // too early
  rig.board().SetLines(false, false);
  rig.board().SetLines(false, true);  // too late
  EXPECT_EQ(rig.ListenText(milliseconds(100)), std::string(kResetLine) + "ets_main.c \n");
  rig.board().SetLines(true, true);
  rig.board().SetLines(false, true);
  EXPECT_EQ(rig.ListenText(milliseconds(100)), kDownloadLine);
  EXPECT_EQ(rig.board().statistics().resets_by_line, 2U);
}

TEST(BoardResetTest, ResetAssertedHoldsTheChip) {
  Rig rig;
  rig.Sync();
  rig.board().SetLines(true, false);
  EXPECT_TRUE(rig.AskAll({0x08, Bytes(36)}, milliseconds(500)).empty());
  EXPECT_EQ(rig.ListenText(milliseconds(1000)), "");
}

TEST(BoardResetTest, PowerThatComesWhileResetIsHeldWaitsForItsRelease) {
  Rig rig;
  rig.board().SetPower(false);
  rig.board().SetLines(true, false);
  rig.board().SetPower(true);
  EXPECT_EQ(rig.ListenText(milliseconds(300)), "");
  rig.board().SetLines(false, false);
  EXPECT_EQ(rig.ListenText(milliseconds(300)), std::string(kPowerOnLine) + "ets_main.c \n");
}

TEST(BoardResetTest, LinesPlayBothSequences) {
  Rig rig;
  EXPECT_EQ(rig.Reset(BoardMode::kDownload, milliseconds(20)), kDownloadLine);
  EXPECT_EQ(rig.Reset(BoardMode::kRun, milliseconds(20)),
            std::string(kResetLine) + "ets_main.c \n");
  EXPECT_FALSE(rig.lines().Name().empty());
  EXPECT_FALSE(rig.serial().Name().empty());
}

TEST(BoardResetTest, StuckBootLineNeverReachesTheLoader) {
  BoardOptions options;
  options.boot_line_stuck_released = true;
  Rig rig(options);
  EXPECT_EQ(rig.Reset(BoardMode::kDownload, milliseconds(50)),
            std::string(kResetLine) + "ets_main.c \n");
}

TEST(BoardResetTest, UnpoweredBoardSaysNothingUntilPowerComes) {
  BoardOptions options;
  options.unpowered = true;
  Rig rig(options);
  EXPECT_EQ(rig.Reset(BoardMode::kRun, milliseconds(500)), "");
  EXPECT_EQ(rig.board().NextEvent(), TimePoint::max());
  rig.board().SetPower(true);
  EXPECT_EQ(rig.ListenText(milliseconds(100)), std::string(kPowerOnLine) + "ets_main.c \n");
}

TEST(BoardResetTest, ResetMidwayThroughTheLogCutsIt) {
  Rig rig;
  rig.Reset(BoardMode::kRun, milliseconds(5));
  const std::string cut = rig.Reset(BoardMode::kRun, milliseconds(50));
  EXPECT_EQ(Count(cut, " ets Jan"), 1U);
}

TEST(BoardResetTest, RomTextTakesTenBitTimesAnOctetAtItsRate) {
  Rig rig;
  rig.ListenText(milliseconds(100));
  rig.board().SetLines(true, false);
  rig.board().SetLines(false, false);
  const TimePoint released = rig.clock().Now();
  std::string text;
  while (text != kResetLine) {
    std::uint8_t octet = 0;
    ASSERT_EQ(*rig.serial().Read({&octet, 1}, milliseconds(100)), 1U);
    text += static_cast<char>(octet);
  }
  const std::chrono::duration<double> took = rig.clock().Now() - released;
  EXPECT_NEAR(took.count(), 0.002 + 10.0 * static_cast<double>(text.size()) / 74880, 0.0001);
}

TEST(BoardResetTest, RomTextAtAnotherRateIsGarbageAndApplicationTextIsClean) {
  ConsoleDiary diary;
  Rig rig({}, std::make_unique<DiaryConsole>(diary));
  rig.board().WriteFlash(0, MicropythonImage(kSdk20Texts));
  const std::string mixed = rig.ListenText(milliseconds(3000), 115200);
  EXPECT_EQ(mixed.find("ets Jan"), std::string::npos);
  EXPECT_GT(mixed.size(), 100U);
  EXPECT_EQ(mixed.substr(mixed.size() - 9), "started\r\n");
  EXPECT_EQ(Count(rig.Reset(BoardMode::kRun, milliseconds(3000)), "started"), 0U);
}

TEST(BoardResetTest, ConsoleGetsFactsOctetsPollsAndStops) {
  ConsoleDiary diary;
  Rig rig({}, std::make_unique<DiaryConsole>(diary));
  rig.board().WriteFlash(0, MicropythonImage(kSdk20Texts));
  rig.ListenText(milliseconds(3000), 115200);
  EXPECT_EQ(diary.starts, 1);
  EXPECT_EQ(diary.facts.family, FirmwareFacts::Family::kMicropython);
  EXPECT_EQ(diary.facts.version, "v1.8.7-7-gtest on 2017-01-09");
  EXPECT_TRUE(diary.facts.first_boot);
  rig.Write(AsBytes("HAL"));
  EXPECT_EQ(AsText(rig.Listen(milliseconds(20))), "IBM");
  EXPECT_EQ(diary.received, "HAL");
  EXPECT_GT(diary.polls, 10);
  diary.to_poll = "by itself";
  EXPECT_EQ(AsText(rig.Listen(milliseconds(50))), "by itself");
  EXPECT_TRUE(rig.board().statistics().running_application);
  EXPECT_EQ(diary.stops, 0);
  rig.Reset(BoardMode::kRun);
  EXPECT_EQ(diary.stops, 1);
  rig.ListenText(milliseconds(3000), 115200);
  EXPECT_EQ(diary.starts, 2);
  EXPECT_FALSE(diary.facts.first_boot);
  rig.Reset(BoardMode::kDownload);
  EXPECT_EQ(diary.stops, 2);
  EXPECT_FALSE(rig.board().statistics().running_application);
}

TEST(BoardResetTest, FactsOfAtFirmware) {
  ConsoleDiary diary;
  Rig rig({}, std::make_unique<DiaryConsole>(diary));
  rig.board().WriteFlash(0, AtImage());
  rig.ListenText(milliseconds(3000), 115200);
  EXPECT_EQ(diary.facts.family, FirmwareFacts::Family::kAt);
  EXPECT_EQ(diary.facts.version, "1.1.0.0(May 11 2016 18:09:56)");
}

// --- Leaving the loader without a reset. ---

TEST(BoardResetTest, FlashEndRunsTheApplicationWithTheTrainedRateAndNoResetLine) {
  Rig rig;
  rig.board().WriteFlash(0, MicropythonImage(kSdk20Texts));
  rig.Sync(57600);
  rig.Ask({0x02, Words({0, 0, 0x400, 0})});
  rig.Write(Encode({0x04, Words({0})}));
  const std::string log(AsText(rig.Listen(milliseconds(100))));
  EXPECT_EQ(Count(log, "ets Jan"), 0U);
  EXPECT_EQ(Count(log, "load 0x40100000, len "), 1U);
  EXPECT_EQ(Count(log, "Writing init data\n"), 1U);
  EXPECT_NE(rig.ListenText(milliseconds(3000), 115200).find("MicroPython v1.8.7"),
            std::string::npos);
}

// The straps are latched: what restarts itself after a loader session is in the loader again.
TEST(BoardResetTest, ApplicationThatRestartsAfterALoaderSessionEndsInTheLoader) {
  Rig rig;
  rig.board().WriteFlash(0, MicropythonImage(kSdk20Texts, 0x20));  // loops
  rig.Sync(74880);
  rig.Ask({0x02, Words({0, 0, 0x400, 0})});
  rig.Write(Encode({0x04, Words({0})}));
  const std::string log(AsText(rig.Listen(milliseconds(3000))));
  EXPECT_EQ(Count(log, "rf_cal[0] !=0x05,is 0xFF"), 1U);
  EXPECT_EQ(Count(log, kDownloadLine), 1U);
  EXPECT_EQ(Count(log, "ets Jan"), 1U);
}

// --- Time and octets. ---

TEST(BoardResetTest, ReadWaitsAsLongAsAskedAndNoLonger) {
  Rig rig;
  rig.ListenText(milliseconds(200));
  const TimePoint before = rig.clock().Now();
  std::uint8_t buffer[8];
  EXPECT_EQ(*rig.serial().Read(buffer, milliseconds(250)), 0U);
  EXPECT_EQ(rig.clock().Now() - before, milliseconds(250));
  EXPECT_EQ(*rig.serial().Read(buffer, milliseconds(0)), 0U);
  EXPECT_EQ(*rig.serial().Read(buffer, milliseconds(-5)), 0U);
  EXPECT_EQ(rig.clock().Now() - before, milliseconds(250));
}

TEST(BoardResetTest, ReadReturnsChunksAndKeepsTheRest) {
  Rig rig;
  rig.Sync();
  rig.Write(SyncFrame());  // 8 answers of 12 octets
  std::uint8_t buffer[512];
  int reads = 0;
  std::size_t total = 0;
  while (const std::size_t count = *rig.serial().Read(buffer, milliseconds(20))) {
    ++reads;
    total += count;
  }
  EXPECT_EQ(total, 96U);
  EXPECT_LE(reads, 8);
  rig.Write(SyncFrame());
  ASSERT_EQ(*rig.serial().Read({buffer, 5}, milliseconds(20)), 5U);
  EXPECT_EQ(rig.Listen(milliseconds(50)).size(), 91U);
}

TEST(BoardResetTest, WriteReturnsAtOnceAndDrainWaits) {
  Rig rig;
  const TimePoint before = rig.clock().Now();
  rig.Write(Bytes(1152, 0x00));
  EXPECT_EQ(rig.clock().Now(), before);
  ASSERT_TRUE(rig.serial().Drain());
  const std::chrono::duration<double> took = rig.clock().Now() - before;
  EXPECT_NEAR(took.count(), 0.1, 0.0001);
}

TEST(BoardResetTest, NewRateHoldsForOctetsThatWaitToBeSent) {
  Rig rig;
  const TimePoint before = rig.clock().Now();
  rig.Write(Bytes(97, 0x00));
  rig.SetBaud(9600);  // the first octet is on the wire already
  ASSERT_TRUE(rig.serial().Drain());
  const std::chrono::duration<double> took = rig.clock().Now() - before;
  EXPECT_NEAR(took.count(), 0.1, 0.001);
}

TEST(BoardResetTest, RatesThatNoUartHasAreRefused) {
  Rig rig;
  for (const std::uint32_t baud : {0U, 5'000'000U}) {
    const auto set = rig.serial().SetBaudRate(baud);
    ASSERT_FALSE(set);
    EXPECT_EQ(set.error().code, ExitCode::kBoard);
  }
}

TEST(BoardResetTest, DiscardForgetsWhatHasArrived) {
  Rig rig;
  rig.clock().SleepFor(milliseconds(200));
  ASSERT_TRUE(rig.serial().DiscardInput());
  EXPECT_EQ(rig.ListenText(milliseconds(200)), "");
}

TEST(BoardResetTest, WhatNobodyReadsIsBounded) {
  Rig rig;
  rig.board().WriteFlash(0, MicropythonImage(kSdk20Texts, 0x20));  // loops for ever
  rig.SetBaud(74880);
  rig.clock().SleepFor(std::chrono::minutes(5));
  std::uint8_t buffer[100'000];
  EXPECT_EQ(*rig.serial().Read(buffer, milliseconds(0)), 65536U);
  EXPECT_GT(rig.board().statistics().boots, 1000U);
}

TEST(BoardResetTest, PtySideSeesTheSameBoard) {
  Rig rig;
  rig.board().SetLines(true, true);
  rig.board().SetLines(false, true);
  const auto pump = [&](milliseconds duration, std::uint32_t baud) {
    Bytes all;
    const TimePoint end = rig.clock().Now() + duration;
    while (rig.clock().Now() < end) {
      rig.clock().SleepUntil(std::min(rig.board().NextEvent(), end));
      Append(all, rig.board().HostReceives(baud));
    }
    return all;
  };
  EXPECT_EQ(AsText(pump(milliseconds(100), 74880)), kDownloadLine);
  rig.board().HostSends(SyncFrame(), 230400);
  rig.board().HostSends(SyncFrame(), 230400);
  EXPECT_EQ(Replies(pump(milliseconds(100), 230400)).size(), 8U);
}

TEST(BoardResetTest, StatisticsCountOctetsBothWays) {
  Rig rig;
  rig.Sync();
  const auto before = rig.board().statistics();
  rig.ReadRegister(0x40001000);
  const auto after = rig.board().statistics();
  EXPECT_EQ(after.octets_from_host - before.octets_from_host, 14U);
  EXPECT_EQ(after.octets_to_host - before.octets_to_host, 12U);
}

// --- Power cuts and persistence. ---

TEST(BoardResetTest, PowerCutAmidAnEraseLeavesTheSectorHalfErasedAsTheSeedSays) {
  Bytes left[3];
  for (std::uint32_t i = 0; i < 3; ++i) {
    BoardOptions options;
    options.seed = i == 2 ? 99 : 5;
    Rig rig(options);
    rig.board().WriteFlash(0, Bytes(0x3000, 0x00));
    rig.Sync();
    rig.Write(Encode({0x02, Words({0x1000, 1, 0x400, 0})}));  // two sectors by the defect
    rig.clock().SleepFor(milliseconds(60));                   // in the second one
    rig.board().SetPower(false);
    const ByteSpan flash = rig.board().flash();
    EXPECT_EQ(std::count(flash.begin(), flash.begin() + 0x1000, 0xFF), 0x1000);
    left[i] = Bytes(flash.begin() + 0x1000, flash.begin() + 0x2000);
    EXPECT_NE(left[i], Bytes(0x1000, 0xFF));
    EXPECT_NE(left[i], Bytes(0x1000, 0x00));
    EXPECT_EQ(flash[0x2000], 0x00);
  }
  EXPECT_EQ(left[0], left[1]);
  EXPECT_NE(left[0], left[2]);
}

TEST(BoardResetTest, PowerCutAmidProgrammingKeepsThePagesBefore) {
  Rig rig;
  rig.Sync(921600);
  rig.Ask({0x02, Words({0x1000, 1, 0x400, 0})}, milliseconds(200));
  const Bytes block(0x400, 0x00);
  rig.Write(Encode(DataRequest(0x03, 0, block)));
  ASSERT_TRUE(rig.serial().Drain());
  rig.clock().SleepFor(std::chrono::microseconds(1000));  // the second of four pages
  rig.board().SetPower(false);
  const ByteSpan flash = rig.board().flash();
  EXPECT_EQ(std::count(flash.begin(), flash.begin() + 0x100, 0x00), 0x100);
  EXPECT_LT(std::count(flash.begin() + 0x100, flash.begin() + 0x200, 0x00), 0x100);
  EXPECT_EQ(std::count(flash.begin() + 0x200, flash.begin() + 0x400, 0xFF), 0x200);
}

TEST(BoardResetTest, ResetAmidAnEraseLetsTheFlashChipFinishItsSector) {
  Rig rig;
  rig.board().WriteFlash(0, Bytes(0x3000, 0x00));
  rig.Sync();
  rig.Write(Encode({0x02, Words({0x1000, 1, 0x400, 0})}));
  rig.clock().SleepFor(milliseconds(20));
  rig.board().SetLines(true, false);
  const ByteSpan flash = rig.board().flash();
  EXPECT_EQ(std::count(flash.begin(), flash.begin() + 0x1000, 0xFF), 0x1000);
  EXPECT_EQ(flash[0x1000], 0x00);
}

// What the board says after a power cut between erasing sector 0 and having it written again.
std::string SayAfterCutAmidHeaderMending(std::uint32_t seed) {
  BoardOptions options;
  options.seed = seed;
  Rig rig(options);
  rig.board().WriteFlash(0, MicropythonImage(kSdk1Texts, 0x20));
  while (rig.board().flash()[3] == 0x20 && rig.clock().Now() < TimePoint(std::chrono::seconds(5)))
    rig.clock().SleepFor(std::chrono::microseconds(100));
  EXPECT_EQ(rig.board().flash()[3], 0xFF);
  rig.board().SetPower(false);
  EXPECT_TRUE(rig.serial().DiscardInput());
  rig.board().SetPower(true);
  return rig.ListenText(milliseconds(200));
}

TEST(BoardResetTest, PowerCutWhileTheFirmwareMendsItsHeaderCanBrickIt) {
  std::uint32_t bricked = 0;
  for (std::uint32_t seed = 1; seed <= 20; ++seed)
    if (Count(SayAfterCutAmidHeaderMending(seed), "ets_main.c") == 1) ++bricked;
  EXPECT_GT(bricked, 0U);
  EXPECT_LT(bricked, 20U);  // some write the whole header first
}

TEST(BoardResetTest, FlashFileOutlivesTheBoard) {
  const test::TemporaryDirectory directory;
  BoardOptions options;
  options.flash_file = directory / "board.bin";
  {
    Rig rig(options);
    rig.board().WriteFlash(0, MicropythonImage(kSdk20Texts));
  }
  Rig rig(options);
  EXPECT_NE(rig.ListenText(milliseconds(3000), 115200).find("MicroPython v1.8.7"),
            std::string::npos);
}

TEST(BoardResetTest, FlashFileOfAnotherSizeIsRefused) {
  const test::TemporaryDirectory directory;
  VirtualClock clock;
  BoardOptions options;
  options.flash_file = directory / "board.bin";
  ASSERT_TRUE(SimulatedBoard::Make(options, clock));
  options.flash_size_bytes = 1U << 20;
  const auto board = SimulatedBoard::Make(options, clock);
  ASSERT_FALSE(board);
  EXPECT_EQ(board.error().code, ExitCode::kUsage);
}

TEST(BoardResetTest, SameSeedAndSameInputGiveTheSameOctets) {
  Bytes first;
  for (int i = 0; i < 2; ++i) {
    BoardOptions options;
    options.seed = 42;
    options.faults = {{"lost-byte", 40}, {"corrupt-byte", 50}, {"noise-before-sync", 16}};
    Rig rig(options);
    rig.Sync();
    Bytes all;
    for (int k = 0; k < 50; ++k) {
      rig.Write(Encode({0x0A, Words({0x40001000})}));
      Append(all, rig.Listen(milliseconds(10)));
    }
    if (i == 0) first = all;
    EXPECT_EQ(all, first);
  }
}

}  // namespace
}  // namespace lastgood::sim
