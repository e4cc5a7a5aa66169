// SPDX-License-Identifier: MIT
// Boards that answered and then did not stay up: what is forgiven, and what is not.
#include "unit/health/fake_micropython.h"
#include "unit/health/health_test_case.h"

namespace lastgood::test {
namespace {

using std::chrono::seconds;

constexpr std::string_view kException =
    "Fatal exception 4(Level1InterruptCause):\r\nepc1=0x400005cb, epc2=0x00000000, "
    "epc3=0x00000000, excvaddr=0x00000000, depc=0x00000000\r\n";

class Settling : public HealthTestCase {
 protected:
  Settling() {
    spec_.kind = HealthKind::kMicropython;
    spec_.version = "1.22.1";
  }
  FakeMicropython python_;
  FakeBoard board_{clock_, &python_};
};

TEST_F(Settling, LateExceptionThatComesBackIsABootLoop) {
  python_.crash_after = milliseconds(2500);
  python_.crash_text = kException;
  python_.setup_time = milliseconds(100);
  const HealthVerdict first = Check(board_);
  EXPECT_FALSE(first.good()) << first.summary;
  EXPECT_EQ(first.fault, BootFault::kException);
  EXPECT_NE(first.summary.find("Fatal exception 4(Level1InterruptCause):"), std::string::npos)
      << first.summary;
}

TEST_F(Settling, ExceptionRightBehindThePromptIsABootLoop) {
  python_.crash_after = milliseconds(330);
  python_.crash_text = kException;
  const HealthVerdict verdict = Check(board_);
  EXPECT_EQ(verdict.health, Health::kBootLoop) << verdict.summary;
  EXPECT_EQ(verdict.fault, BootFault::kException);
}

TEST_F(Settling, WordlessResetIsForgivenOnceWhenItProvesItselfAnew) {
  for (const int after_ms : {2000, 3500, 4500, 5500}) {
    SCOPED_TRACE(after_ms);
    FakeMicropython python;
    python.crash_after = milliseconds(after_ms);
    python.crashes_left = 1;
    FakeBoard board(clock_, &python);
    const milliseconds start = Elapsed();
    const HealthVerdict verdict = Check(board);
    EXPECT_TRUE(verdict.good()) << verdict.summary;
    EXPECT_EQ(verdict.summary, "REPL answers as 1.22.1, up for 5 s");
    ASSERT_EQ(verdict.notes.size(), 1U);
    EXPECT_EQ(verdict.notes[0].substr(0, 17), "reset itself once");
    EXPECT_TRUE(verdict.notes[0].ends_with(" s after it answered, and came back"));
    EXPECT_GE(Elapsed() - start, milliseconds(after_ms + 5000));  // a whole settling time anew
    EXPECT_TRUE(python.at_prompt());
    EXPECT_FALSE(python.python.Knows("_lastgood"));
  }
}

TEST_F(Settling, NoteSaysWhenItHappened) {
  python_.crash_after = milliseconds(4700);  // it answers within a second, and greets in 0.2 s
  python_.crashes_left = 1;
  EXPECT_EQ(Check(board_).notes,
            std::vector<std::string>{"reset itself once 5 s after it answered, and came back"});
}

TEST_F(Settling, SecondWordlessResetIsACrash) {
  python_.crash_after = milliseconds(4700);
  python_.crashes_left = 2;
  const HealthVerdict verdict = Check(board_);
  EXPECT_EQ(VerdictName(verdict), "crash(resets itself)");
  EXPECT_EQ(verdict.summary,
            "it answered, then crashed or reset itself more than once, and came back");
  EXPECT_EQ(verdict.version, "1.22.1");
}

TEST_F(Settling, TwoQuickWordlessResetsAreACrash) {
  python_.crash_after = milliseconds(2000);  // the second while nobody has asked again
  python_.crashes_left = 2;
  const HealthVerdict verdict = Check(board_);
  EXPECT_EQ(VerdictName(verdict), "crash(resets itself)") << verdict.summary;
  EXPECT_EQ(verdict.summary,
            "it answered, then crashed or reset itself more than once, and came back");
}

TEST_F(Settling, WordlessResetWithNothingBehindItIsACrash) {
  python_.crash_after = milliseconds(3000);
  python_.crashes_left = 1;
  board_.boots_at_most = 1;
  const HealthVerdict verdict = Check(board_);
  EXPECT_EQ(verdict.health, Health::kCrash);
  EXPECT_EQ(verdict.summary, "it answered, then crashed or reset itself, and did not come back");
}

TEST_F(Settling, OneNamedFaultIsACrashAlthoughItComesBack) {
  python_.crash_after = milliseconds(2500);
  python_.crash_text = kException;
  python_.crashes_left = 1;
  spec_.settle = seconds(600);
  const HealthVerdict verdict = Check(board_);
  EXPECT_EQ(VerdictName(verdict), "crash(exception)") << verdict.summary;
  EXPECT_EQ(verdict.summary,
            "it answered, then crashed or reset itself, \"Fatal exception "
            "4(Level1InterruptCause):\", and came back");
  EXPECT_LT(Elapsed(), milliseconds(7500));  // nobody waits for the settling time to end
}

TEST_F(Settling, ResetIntoASilentProgramIsNoticedByTheLostMark) {
  python_.crash_after = milliseconds(3000);
  python_.crashes_left = 1;
  python_.before_banner.clear();
  python_.banner.clear();
  python_.python.values["sys.implementation"] = "(name='micropython', version=(1, 22, 1))";
  const HealthVerdict verdict = Check(board_);
  EXPECT_TRUE(verdict.good()) << verdict.summary;
  EXPECT_EQ(verdict.notes.size(), 1U);
}

TEST_F(Settling, SoftResetsAreRestartsOfTheInterpreterInAllTheirTexts) {
  for (const std::string_view text : {"PYB: soft reboot\r\n", "MPY: soft reboot\r\n",
                                      "soft reset\r\n", "\r\nraw REPL; CTRL-B to exit\r\n>"}) {
    FakeMicropython python;
    python.soft_reset_after = milliseconds(4700);
    python.soft_reset_text = std::string(text);
    FakeBoard board(clock_, &python);
    const HealthVerdict verdict = Check(board);
    EXPECT_TRUE(verdict.good()) << text << verdict.summary;
    EXPECT_EQ(verdict.notes,
              std::vector<std::string>{
                  "restarted its interpreter once 4 s after it answered, and came back"});
    EXPECT_EQ(board.boots, 1);
  }
}

TEST_F(Settling, ProgramThatWasStoppedRunsAgainAlsoBehindAComeBack) {
  python_.program = FakeMicropython::Program::kQuiet;
  python_.crash_after = milliseconds(5000);
  python_.crashes_left = 1;
  const HealthVerdict verdict = Check(board_);
  EXPECT_TRUE(verdict.good()) << verdict.summary;
  EXPECT_EQ(verdict.notes.size(), 1U);
  EXPECT_EQ(board_.resets_by_line, 2);
}

TEST_F(Settling, ExpectationsAreAskedAnewBehindAComeBack) {
  python_.crash_after = milliseconds(4700);
  python_.crashes_left = 1;
  python_.python.values["x"] = "1";
  python_.lasting_values = false;  // the restart has lost what made it so
  spec_.run = {{.code = "print(x)", .expect = "1"}};
  EXPECT_EQ(VerdictName(Check(board_)), "check-failed(a command)");
}

}  // namespace
}  // namespace lastgood::test
