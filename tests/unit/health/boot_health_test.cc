// SPDX-License-Identifier: MIT
// Boards that do not get as far as a console, and checks that need none.
#include "health/boot_watch.h"
#include "unit/health/fake_at.h"
#include "unit/health/fake_micropython.h"
#include "unit/health/health_test_case.h"

namespace lastgood::test {
namespace {

// Says one thing after every start, and resets a little later unless it stays.
class FakeTalker final : public FakeApplication {
 public:
  std::string text;
  std::uint32_t baud = 74880;
  milliseconds say_after{40};
  std::optional<milliseconds> reset_after;
  int resets_left = 1'000'000;
  std::optional<milliseconds> repeat_every;

  void Start(FakeBoard& board) override {
    board.After(say_after, [this, &board] { Talk(board); });
    if (reset_after && resets_left-- > 0)
      board.After(*reset_after, [&board] { board.ResetItself(); });
  }

 private:
  void Talk(FakeBoard& board) {
    board.Say(baud, text);
    if (repeat_every) board.After(*repeat_every, [this, &board] { Talk(board); });
  }
};

class BootHealth : public HealthTestCase {
 protected:
  BootHealth() { spec_.kind = HealthKind::kMicropython; }
  FakeTalker talker_;
  FakeBoard board_{clock_, &talker_};
};

struct LoopCase {
  std::string_view text;
  BootFault fault;
  std::string_view last_words;
};

TEST_F(BootHealth, LoopsAreNamedByTheirLastWords) {
  const LoopCase kCases[] = {
      {"rf_cal[0] !=0x05,is 0xFF\r\n", BootFault::kInitDataMissing, "rf_cal[0] !=0x05,is 0xFF"},
      {"rf_cal[0] !=0x05,is 0x00\r\n", BootFault::kInitDataWrong, "rf_cal[0] !=0x05,is 0x00"},
      {"system param error\r\n", BootFault::kSystemParams, "system param error"},
  };
  for (const HealthKind kind : {HealthKind::kMicropython, HealthKind::kAt, HealthKind::kBootLog})
    for (const int period_ms : {60, 150, 400, 900})
      for (const LoopCase& test : kCases) {
        SCOPED_TRACE(testing::Message()
                     << HealthKindName(kind) << " " << period_ms << " ms " << test.last_words);
        spec_.kind = kind;
        FakeTalker talker;
        talker.text = std::string(test.text);
        talker.reset_after = milliseconds(period_ms);
        FakeBoard board(clock_, &talker);
        const HealthVerdict verdict = Check(board);
        EXPECT_EQ(verdict.health, Health::kBootLoop) << verdict.summary;
        EXPECT_EQ(verdict.fault, test.fault) << verdict.summary;
        EXPECT_NE(verdict.summary.find("last words \"" + std::string(test.last_words) + "\""),
                  std::string::npos)
            << verdict.summary;
        EXPECT_NE(verdict.summary.find("boot loop: "), std::string::npos);
        EXPECT_FALSE(verdict.evidence.empty());
      }
}

TEST_F(BootHealth, LoopIsKnownWithinSeconds) {
  talker_.text = "rf_cal[0] !=0x05,is 0xFF\r\n";
  talker_.reset_after = milliseconds(300);
  const HealthVerdict verdict = Check(board_);
  EXPECT_EQ(verdict.summary.substr(0, 21), "boot loop: 4 resets i") << verdict.summary;
  EXPECT_NE(verdict.remedy.find("size = \"detect\""), std::string::npos);
  EXPECT_LT(Elapsed(), milliseconds(4000));
}

TEST_F(BootHealth, ImageThatTheRomRefusesIsACrashWithItsReason) {
  struct Case {
    std::string_view rom;
    BootFault fault;
    std::string_view summary;
  };
  const Case kCases[] = {
      {"load 0x40100000, len 31320, room 16 \ntail 8\nchksum 0xef\ncsum 0xef\ncsum err\nets_main.c "
       "\n",
       BootFault::kChecksum, "the ROM loader refuses the image: checksum error"},
      {"ets_main.c \n", BootFault::kNotBootable, "the ROM loader finds no image to start"},
      {"flash read err, 1000\nets_main.c \n", BootFault::kFlashRead,
       "the ROM loader cannot read the flash"},
  };
  for (const HealthKind kind : {HealthKind::kMicropython, HealthKind::kBootLog})
    for (const Case& test : kCases) {
      SCOPED_TRACE(test.summary);
      spec_.kind = kind;
      FakeBoard board(clock_, &talker_);
      board.rom_text =
          "\n ets Jan  8 2013,rst cause:2, boot mode:(3,6)\n\n" + std::string(test.rom);
      board.hangs_in_rom = true;
      const HealthVerdict verdict = Check(board);
      EXPECT_EQ(verdict.health, Health::kCrash) << verdict.summary;
      EXPECT_EQ(verdict.fault, test.fault);
      EXPECT_EQ(verdict.summary, test.summary);
    }
}

TEST_F(BootHealth, DownloadModeIsSaidAsSuch) {
  board_.rom_text = "\n ets Jan  8 2013,rst cause:2, boot mode:(1,7)\n\n";
  board_.hangs_in_rom = true;
  for (const HealthKind kind : {HealthKind::kMicropython, HealthKind::kAt, HealthKind::kBootLog}) {
    spec_.kind = kind;
    EXPECT_EQ(Check(board_).health, Health::kDownloadMode);
  }
}

TEST_F(BootHealth, OtherBootModesPointAtTheBootPins) {
  board_.rom_text = "\n ets Jan  8 2013,rst cause:2, boot mode:(7,6)\n\nwaiting for host\n";
  board_.hangs_in_rom = true;
  const HealthVerdict verdict = Check(board_);
  EXPECT_EQ(verdict.health, Health::kSilent);
  EXPECT_EQ(verdict.summary, "the chip does not start from flash: boot mode 7");
}

TEST_F(BootHealth, SilenceIsToldApartByTheRomsText) {
  board_.unpowered = true;
  HealthVerdict verdict = Check(board_);
  EXPECT_EQ(verdict.health, Health::kSilent);
  EXPECT_EQ(verdict.summary, "nothing was heard, not even the ROM loader");

  board_.unpowered = false;
  verdict = Check(board_);
  EXPECT_EQ(verdict.health, Health::kSilent);
  EXPECT_EQ(verdict.summary, "the boot log ends well, then the firmware says nothing");
}

TEST_F(BootHealth, AnotherRateIsGarbage) {
  talker_.baud = 9600;
  talker_.text = "Welcome to the weather station, measuring every second\r\n";
  talker_.repeat_every = milliseconds(100);
  const HealthVerdict verdict = Check(board_);
  EXPECT_EQ(verdict.health, Health::kGarbage) << verdict.summary;
}

TEST_F(BootHealth, NoiseAtBothRatesDoesNotChangeOverForEver) {
  talker_.baud = 9600;
  talker_.text = "Welcome to the weather station, measuring every second\r\n";
  talker_.repeat_every = milliseconds(100);
  LineListener line(board_, clock_, board_.interrupt);
  BootWatch watch(line);
  ASSERT_TRUE(watch.Prepare());
  ASSERT_TRUE(board_.Reset(BoardMode::kRun, 0));
  watch.ResetIsDone();
  const auto log = watch.UntilUp(milliseconds(1000));
  ASSERT_TRUE(log);
  EXPECT_FALSE(BootHasFailed(*log));
  EXPECT_EQ(line.rate(), kConsoleBaud);
  EXPECT_LT(watch.Watched(), milliseconds(6000));
}

TEST_F(BootHealth, ExceptionAtStartIsACrashOrALoop) {
  talker_.baud = 115200;
  talker_.text =
      "Fatal exception 28(LoadProhibitedCause):\r\nepc1=0x40214d8b, epc2=0x00000000, "
      "epc3=0x00000000, excvaddr=0x00000009, depc=0x00000000\r\n";
  talker_.reset_after = milliseconds(200);
  HealthVerdict verdict = Check(board_);
  EXPECT_EQ(verdict.health, Health::kBootLoop) << verdict.summary;
  EXPECT_EQ(verdict.fault, BootFault::kException);
  EXPECT_NE(verdict.summary.find("\"Fatal exception 28(LoadProhibitedCause):\""), std::string::npos)
      << verdict.summary;

  talker_.reset_after.reset();
  verdict = Check(board_);
  EXPECT_EQ(verdict.health, Health::kCrash);
  EXPECT_EQ(
      verdict.summary,
      "crash: \"Fatal exception 28(LoadProhibitedCause):\" (exception 28, load prohibited, at "
      "0x40214d8b, address 0x00000009)");
}

TEST_F(BootHealth, BootLogThatEndsWellSettlesWithoutAConsole) {
  spec_.kind = HealthKind::kBootLog;
  talker_.baud = 115200;
  talker_.text = "sensor ready\r\n";
  talker_.repeat_every = milliseconds(500);
  const HealthVerdict verdict = Check(board_);
  EXPECT_TRUE(verdict.good()) << verdict.summary;
  EXPECT_EQ(verdict.summary, "boot log ends well, up for 5 s");
  EXPECT_TRUE(board_.received.empty());
}

TEST_F(BootHealth, OneResetStartsTheSettlingTimeAnew) {
  spec_.kind = HealthKind::kBootLog;
  talker_.text = "first start, saving settings\r\n";
  talker_.reset_after = milliseconds(3000);
  talker_.resets_left = 1;
  EXPECT_TRUE(Check(board_).good());
  EXPECT_GE(Elapsed(), milliseconds(8000));
}

TEST_F(BootHealth, SlowResetsWithinTheSettlingTimeAreALoop) {
  spec_.kind = HealthKind::kBootLog;
  talker_.text = "out of memory\r\n";
  talker_.reset_after = milliseconds(4000);
  const HealthVerdict verdict = Check(board_);
  EXPECT_EQ(verdict.health, Health::kBootLoop) << verdict.summary;
  EXPECT_EQ(verdict.fault, BootFault::kUnknown);
}

TEST_F(BootHealth, NoCheckIsHealthyAtOnceAndSaysSo) {
  spec_.kind = HealthKind::kNone;
  const HealthVerdict verdict = Check(board_);
  EXPECT_TRUE(verdict.good());
  EXPECT_EQ(verdict.summary, "not checked");
  EXPECT_EQ(board_.resets_by_line, 1);
  EXPECT_TRUE(board_.received.empty());
}

TEST_F(BootHealth, HostThatCannotSetTheRomsRateStillHearsTheConsole) {
  FakeMicropython python;
  FakeBoard board(clock_, &python);
  board.refuses_rom_rate = true;
  const HealthVerdict verdict = Check(board);
  EXPECT_TRUE(verdict.good()) << verdict.summary;
}

TEST_F(BootHealth, VanishedDeviceIsAnErrorAtAnyMoment) {
  for (int after_ms = 0; after_ms < 6000; after_ms += 400) {
    VirtualClock clock;
    FakeMicropython python;
    FakeBoard board(clock, &python);
    board.gone_after = milliseconds(after_ms);
    const auto verdict = CheckHealth(board, board, clock, spec_, kSeed, board.interrupt);
    ASSERT_FALSE(verdict) << after_ms;
    EXPECT_EQ(verdict.error().code, ExitCode::kBoard);
  }
}

TEST_F(BootHealth, InterruptIsHeardWithinATenthOfASecondAtAnyMoment) {
  for (int after_ms = 50; after_ms < 6000; after_ms += 370) {
    VirtualClock clock;
    FakeMicropython python;
    FakeBoard board(clock, &python);
    board.interrupt_after = milliseconds(after_ms);
    const auto verdict = CheckHealth(board, board, clock, spec_, kSeed, board.interrupt);
    ASSERT_FALSE(verdict) << after_ms;
    EXPECT_EQ(verdict.error().code, ExitCode::kInterrupted);
    // The reset itself, which is the lines' affair, takes 100 ms here.
    EXPECT_LE(clock.Now().time_since_epoch(), milliseconds(after_ms + 202));
  }
}

TEST_F(BootHealth, EveryHealthHasItsOwnName) {
  std::map<std::string_view, int> names;
  for (int health = 0; health <= static_cast<int>(Health::kCheckFailed); ++health)
    ++names[HealthName(static_cast<Health>(health))];
  EXPECT_EQ(names.size(), static_cast<std::size_t>(Health::kCheckFailed) + 1);
}

}  // namespace
}  // namespace lastgood::test
