// SPDX-License-Identifier: MIT
// The kinds of board lines that need no GPIO chip, and how a recipe's kind leads to them.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "device/command_lines.h"
#include "device/gpiod_lines.h"
#include "device/modem_lines.h"
#include "device/no_lines.h"
#include "device/open_lines.h"
#include "device/reset_sequence.h"
#include "support/fake_attendant.h"
#include "support/fake_process_runner.h"
#include "support/silent_port.h"

namespace lastgood {
namespace {

using std::chrono::milliseconds;
using test::FakeAttendant;
using test::FakeProcessRunner;
using test::ModemPort;
using test::SilentPort;

const std::vector<std::string> kEnter = {"relay", "boot"};
const std::vector<std::string> kRun = {"relay", "run"};
constexpr milliseconds kTimeout{7'000};

TEST(CommandLinesTest, ModeChoosesTheProgramAndItGetsItsTime) {
  FakeProcessRunner runner;
  runner.Script(kEnter);
  runner.Script(kRun);
  CommandLines lines(kEnter, kRun, runner, kTimeout);
  EXPECT_TRUE(lines.Reset(BoardMode::kDownload, 0));
  EXPECT_TRUE(lines.Reset(BoardMode::kRun, 2));
  ASSERT_EQ(runner.calls().size(), 2U);
  EXPECT_EQ(runner.calls()[0].argv, kEnter);
  EXPECT_EQ(runner.calls()[1].argv, kRun);
  for (const ProcessRequest& call : runner.calls()) EXPECT_EQ(call.timeout, kTimeout);
  EXPECT_EQ(lines.Name(), "command 'relay'");
}

TEST(CommandLinesTest, FailingProgramIsQuotedWithItsLastWords) {
  const struct {
    const char* standard_error;
    const char* message;
  } kCases[] = {
      {"", "'relay boot' failed with exit status 3"},
      {" \n\r\n", "'relay boot' failed with exit status 3"},
      {"no relay on bus 1\n", "'relay boot' failed with exit status 3: no relay on bus 1"},
      {"Traceback\n  File x\nOSError: no relay\n\n",
       "'relay boot' failed with exit status 3: OSError: no relay"},
      {"first\r\n\tlast \r\n", "'relay boot' failed with exit status 3: last"},
      {"no line end", "'relay boot' failed with exit status 3: no line end"},
  };
  for (const auto& test_case : kCases) {
    FakeProcessRunner runner;
    runner.Script(kEnter, 3, test_case.standard_error);
    const auto reset = CommandLines(kEnter, kRun, runner, kTimeout).Reset(BoardMode::kDownload, 0);
    ASSERT_FALSE(reset);
    EXPECT_EQ(reset.error().code, ExitCode::kBoard);
    EXPECT_EQ(reset.error().message, test_case.message);
    EXPECT_EQ(reset.error().hint, "check enter_download in [board.lines]");
  }
}

TEST(CommandLinesTest, ProgramThatCannotRunOrHangsIsABoardFailure) {
  FakeProcessRunner runner;
  runner.Script(kRun, {{}, kTimeout + milliseconds(1)});
  CommandLines lines(kEnter, kRun, runner, kTimeout);
  const auto missing = lines.Reset(BoardMode::kDownload, 0);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ExitCode::kBoard);
  EXPECT_EQ(missing.error().message, "cannot run 'relay boot': not in the script");
  const auto hanging = lines.Reset(BoardMode::kRun, 0);
  ASSERT_FALSE(hanging);
  EXPECT_EQ(hanging.error().code, ExitCode::kBoard);
}

TEST(CommandLinesTest, LongLastWordsAreCutSoThatAMessageStaysALine) {
  FakeProcessRunner runner;
  runner.Script(kEnter, 1, std::string(5000, 'x'));
  const auto reset = CommandLines(kEnter, kRun, runner, kTimeout).Reset(BoardMode::kDownload, 0);
  ASSERT_FALSE(reset);
  EXPECT_LT(reset.error().message.size(), 300U);
}

TEST(CommandLinesTest, RealProgramThatHangsIsKilledAndNamed) {
  PosixProcessRunner runner;
  CommandLines lines({"sleep", "60"}, {"true"}, runner, milliseconds(50));
  const auto hanging = lines.Reset(BoardMode::kDownload, 0);
  ASSERT_FALSE(hanging);
  EXPECT_EQ(hanging.error().code, ExitCode::kBoard);
  EXPECT_TRUE(hanging.error().message.starts_with("'sleep' was still running after "))
      << hanging.error().message;
  EXPECT_EQ(hanging.error().hint, "run it by hand to see what it waits for: sleep 60");
  EXPECT_TRUE(lines.Reset(BoardMode::kRun, 0));
}

TEST(NoLinesTest, WithoutAPersonTheHintSaysWhichButtonsToPress) {
  NoLines lines(nullptr, "/dev/ttyS0");
  EXPECT_EQ(lines.MovedBy(), LinesMover::kNobody);
  const auto download = lines.Reset(BoardMode::kDownload, 0);
  ASSERT_FALSE(download);
  EXPECT_EQ(download.error().code, ExitCode::kRefused);
  EXPECT_NE(download.error().hint.find("hold the board's boot button"), std::string::npos);
  const auto run = lines.Reset(BoardMode::kRun, 0);
  ASSERT_FALSE(run);
  EXPECT_EQ(run.error().code, ExitCode::kRefused);
  EXPECT_NE(run.error().hint.find("reset button"), std::string::npos);
}

TEST(NoLinesTest, PersonIsAskedForWhatIsWanted) {
  FakeAttendant attendant;
  NoLines lines(&attendant, "/dev/ttyS0");
  EXPECT_EQ(lines.MovedBy(), LinesMover::kPerson);
  EXPECT_TRUE(lines.Reset(BoardMode::kDownload, 0));
  EXPECT_TRUE(lines.Reset(BoardMode::kDownload, 1));
  EXPECT_TRUE(lines.Reset(BoardMode::kRun, 0));
  const std::string hold =
      "hold the board's boot button (GPIO0, FLASH), press and release its reset button, then let "
      "go of the boot button";
  EXPECT_EQ(attendant.asked,
            (std::vector<std::string>{
                "/dev/ttyS0: " + hold, "/dev/ttyS0: no loader answered; once more: " + hold,
                "/dev/ttyS0: press and release the board's reset button, or take its power away "
                "and give it back"}));
}

TEST(NoLinesTest, WhoDidNotAnswerIsNotAskedAgain) {
  FakeAttendant attendant;
  attendant.failure = Error{ExitCode::kRefused, "no Enter within 2 minutes", ""};
  NoLines lines(&attendant, "/dev/ttyS0");
  const auto first = lines.Reset(BoardMode::kRun, 0);
  ASSERT_FALSE(first);
  EXPECT_EQ(first.error().message, "no Enter within 2 minutes");
  EXPECT_NE(first.error().hint.find("reset button"), std::string::npos);
  EXPECT_EQ(lines.MovedBy(), LinesMover::kNobody);
  EXPECT_EQ(lines.Reset(BoardMode::kDownload, 0).error().code, ExitCode::kRefused);
  EXPECT_EQ(attendant.asked.size(), 1U);
}

TEST(NoLinesTest, WhoInterruptsMayBeAskedAgain) {
  FakeAttendant attendant;
  attendant.failure = Error{ExitCode::kInterrupted, "interrupted", ""};
  NoLines lines(&attendant, "/dev/ttyS0");
  EXPECT_EQ(lines.Reset(BoardMode::kRun, 0).error().code, ExitCode::kInterrupted);
  EXPECT_EQ(lines.MovedBy(), LinesMover::kPerson);
}

TEST(ModemLinesTest, DtrIsTheBootPinAndRtsTheResetPin) {
  VirtualClock clock;
  ModemPort port;
  ModemLines lines(port, port.Name(), clock);
  ASSERT_TRUE(lines.Reset(BoardMode::kDownload, 0));
  using Levels = std::vector<std::pair<bool, bool>>;
  EXPECT_EQ(port.levels,
            (Levels{{false, false}, {true, true}, {false, true}, {true, false}, {false, false}}));
  EXPECT_EQ(clock.Now() - TimePoint{}, milliseconds(150));
  port.levels.clear();
  ASSERT_TRUE(lines.Reset(BoardMode::kRun, 0));
  EXPECT_EQ(port.levels, (Levels{{false, true}, {false, false}}));
  EXPECT_EQ(lines.Name(), "DTR/RTS of /dev/ttyUSB0");
}

TEST(ModemLinesTest, SequenceIsTheOneThatTheCircuitNeeds) {
  using Levels = std::vector<std::pair<bool, bool>>;
  const struct {
    SequenceName name;
    Levels download;  // DTR, RTS
  } kCases[] = {
      {SequenceName::kDirect, {{true, false}, {true, true}, {true, false}, {false, false}}},
      {SequenceName::kUsbJtag,
       {{false, false}, {true, false}, {true, true}, {false, true}, {false, false}}},
  };
  for (const auto& test_case : kCases) {
    VirtualClock clock;
    ModemPort port;
    ASSERT_TRUE(
        ModemLines(port, port.Name(), clock, test_case.name).Reset(BoardMode::kDownload, 0));
    EXPECT_EQ(port.levels, test_case.download);
  }
}

TEST(ModemLinesTest, FailureInTheMiddleReleasesBoth) {
  VirtualClock clock;
  for (int failing = 0; failing < 5; ++failing) {
    ModemPort port;
    port.fail_at = failing;
    const auto reset = ModemLines(port, port.Name(), clock).Reset(BoardMode::kDownload, 0);
    ASSERT_FALSE(reset);
    EXPECT_EQ(reset.error().message, "unplugged");
    EXPECT_EQ(port.levels.back(), std::make_pair(false, false));
  }
}

class OpenBoardLinesTest : public testing::Test {
 protected:
  Result<std::unique_ptr<BoardLines>> Open(const LinesSpec& spec, SerialPort& port) {
    return OpenBoardLines(spec, port, runner_, clock_);
  }

  FakeProcessRunner runner_;
  VirtualClock clock_;
  SilentPort plain_;
  ModemPort modem_;
};

TEST_F(OpenBoardLinesTest, EachKindLeadsToItsLines) {
  LinesSpec spec;
  spec.kind = LinesKind::kNone;
  EXPECT_EQ((*Open(spec, plain_))->Name(), "no lines");
  spec.kind = LinesKind::kModem;
  EXPECT_EQ((*Open(spec, modem_))->Name(), "DTR/RTS of /dev/ttyUSB0");
  spec.kind = LinesKind::kCommand;
  spec.enter_download = kEnter;
  spec.run_firmware = kRun;
  EXPECT_EQ((*Open(spec, plain_))->Name(), "command 'relay'");
}

TEST_F(OpenBoardLinesTest, ModemLinesNeedAPortThatHasThem) {
  LinesSpec spec;
  spec.kind = LinesKind::kModem;
  const auto lines = Open(spec, plain_);
  ASSERT_FALSE(lines);
  EXPECT_EQ(lines.error().code, ExitCode::kBoard);
  EXPECT_EQ(lines.error().message, "'/dev/ttyUSB0' has no DTR and RTS lines");
}

TEST_F(OpenBoardLinesTest, ModemLinesAreReleasedAtOnceAndPlayTheRecipesSequence) {
  LinesSpec spec;
  spec.kind = LinesKind::kModem;
  spec.sequence = SequenceName::kDirect;
  const auto lines = Open(spec, modem_);
  ASSERT_TRUE(lines);
  using Levels = std::vector<std::pair<bool, bool>>;
  EXPECT_EQ(modem_.levels, (Levels{{false, false}}));
  modem_.levels.clear();
  ASSERT_TRUE((*lines)->Reset(BoardMode::kDownload, 0));
  EXPECT_EQ(modem_.levels.front(), std::make_pair(true, false));
}

TEST_F(OpenBoardLinesTest, DeviceWhoseModemLinesDoNotMoveIsFoundOutWhenTheyAreAskedFor) {
  LinesSpec spec;
  spec.kind = LinesKind::kModem;
  modem_.fail_at = 0;
  EXPECT_EQ(Open(spec, modem_).error().message, "unplugged");
}

TEST_F(OpenBoardLinesTest, ProgramsGetTheRecipesTime) {
  LinesSpec spec;
  spec.kind = LinesKind::kCommand;
  spec.run_firmware = kRun;
  spec.command_timeout = std::chrono::seconds(3);
  runner_.Script(kRun);
  ASSERT_TRUE((*Open(spec, plain_))->Reset(BoardMode::kRun, 0));
  EXPECT_EQ(runner_.calls().back().timeout, milliseconds(3000));
}

TEST_F(OpenBoardLinesTest, PersonIsHandedOn) {
  FakeAttendant attendant;
  const auto lines = OpenBoardLines({}, plain_, runner_, clock_, &attendant);
  ASSERT_TRUE(lines);
  EXPECT_EQ((*lines)->MovedBy(), LinesMover::kPerson);
  EXPECT_TRUE((*lines)->Reset(BoardMode::kRun, 0));
  EXPECT_TRUE(attendant.asked.at(0).starts_with("/dev/ttyUSB0: press"));
}

// Whatever this host has.
TEST_F(OpenBoardLinesTest, GpioLineThatNoChipHasIsNamed) {
  LinesSpec spec;
  spec.kind = LinesKind::kGpio;
  spec.reset.line = "no-line-has-this-name";
  spec.boot.chip = "no-chip-has-this-label";
  spec.boot.offset = 7;
  const auto lines = Open(spec, plain_);
  ASSERT_FALSE(lines);
  EXPECT_EQ(lines.error().code, ExitCode::kBoard);
  EXPECT_NE(lines.error().message.find("'no-line-has-this-name'"), std::string::npos);
  EXPECT_NE(lines.error().hint, "");
  const auto swapped = OpenGpiodLines(spec.boot, spec.reset, clock_);
  ASSERT_FALSE(swapped);
  EXPECT_NE(swapped.error().message.find("'no-chip-has-this-label:7'"), std::string::npos);
}

}  // namespace
}  // namespace lastgood
