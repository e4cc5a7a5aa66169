// SPDX-License-Identifier: MIT
#include "unit/health/fake_at.h"
#include "unit/health/fake_micropython.h"
#include "unit/health/health_test_case.h"

namespace lastgood::test {
namespace {

class RunningFirmware : public HealthTestCase {
 protected:
  // Lets the board run for `age`, then asks it.
  std::string Name(FakeBoard& board, milliseconds age = milliseconds(3000)) {
    board.ResetItself();
    std::uint8_t unread[4096];
    for (const TimePoint start = clock_.Now(); clock_.Now() < start + age;)
      static_cast<void>(board.Read(unread, age));
    const TimePoint asked = clock_.Now();
    const Result<std::string> name = NameRunningFirmware(board, clock_, board.interrupt);
    EXPECT_LE(clock_.Now() - asked, milliseconds(1500));
    EXPECT_EQ(board.resets_by_line, 0);
    EXPECT_EQ(board.received.find('\x03'), std::string::npos) << "a program was interrupted";
    return name ? *name : name.error().message;
  }
};

TEST_F(RunningFirmware, MicropythonAtItsPromptTellsItsVersion) {
  FakeMicropython python;
  FakeBoard board(clock_, &python);
  EXPECT_EQ(Name(board), "MicroPython 1.22.1");
  EXPECT_TRUE(python.at_prompt());
}

TEST_F(RunningFirmware, MicropythonWithoutBannerIsNamedWithoutVersion) {
  FakeMicropython python;
  python.tells_banner_again = false;
  FakeBoard board(clock_, &python);
  EXPECT_EQ(Name(board), "MicroPython");
}

TEST_F(RunningFirmware, AtFirmwareTellsItsVersion) {
  FakeAt at;
  FakeBoard board(clock_, &at);
  EXPECT_EQ(Name(board), "AT 1.1.0.0");
}

TEST_F(RunningFirmware, CircuitpythonIsNamedAlsoWhenItWaitsForAKey) {
  for (const bool waits_for_key : {false, true}) {
    FakeMicropython python;
    python.banner = "Adafruit CircuitPython 8.2.6 on 2023-09-12; board with ESP32S2";
    python.waits_for_key = waits_for_key;
    FakeBoard board(clock_, &python);
    EXPECT_EQ(Name(board), "CircuitPython 8.2.6");
  }
}

TEST_F(RunningFirmware, ProgramsAndSilenceAreUnknown) {
  FakeMicropython python;
  python.program = FakeMicropython::Program::kFloods;
  FakeBoard flooding(clock_, &python);
  EXPECT_EQ(Name(flooding), "unknown");

  FakeMicropython quiet_python;
  quiet_python.program = FakeMicropython::Program::kQuiet;
  FakeBoard quiet(clock_, &quiet_python);
  EXPECT_EQ(Name(quiet), "unknown");

  FakeBoard unpowered(clock_, &quiet_python);
  unpowered.unpowered = true;
  EXPECT_EQ(Name(unpowered), "unknown");
}

TEST_F(RunningFirmware, OwnWordsAreNoFirmware) {
  FakeBoard board(clock_);
  board.unpowered = true;
  board.loopback = true;
  EXPECT_EQ(Name(board), "unknown");
}

TEST_F(RunningFirmware, VanishedDeviceAndInterruptAreErrors) {
  FakeBoard board(clock_);
  board.gone_after = milliseconds(0);
  Result<std::string> name = NameRunningFirmware(board, clock_, board.interrupt);
  ASSERT_FALSE(name);
  EXPECT_EQ(name.error().code, ExitCode::kBoard);

  FakeBoard other(clock_);
  other.interrupt.Request();
  name = NameRunningFirmware(other, clock_, other.interrupt);
  ASSERT_FALSE(name);
  EXPECT_EQ(name.error().code, ExitCode::kInterrupted);
}

}  // namespace
}  // namespace lastgood::test
