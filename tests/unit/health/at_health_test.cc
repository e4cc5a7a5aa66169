// SPDX-License-Identifier: MIT
#include "unit/health/fake_at.h"
#include "unit/health/fake_micropython.h"
#include "unit/health/health_test_case.h"

namespace lastgood::test {
namespace {

class AtHealth : public HealthTestCase {
 protected:
  AtHealth() {
    spec_.kind = HealthKind::kAt;
    spec_.version = "1.1";
  }
  FakeAt at_;
  FakeBoard board_{clock_, &at_};
};

TEST_F(AtHealth, AnswersProveItAndItsEchoIsOnAgain) {
  const HealthVerdict verdict = Check(board_);
  EXPECT_TRUE(verdict.good()) << verdict.summary;
  EXPECT_EQ(verdict.summary, "AT firmware answers as 1.1.0.0, up for 5 s");
  EXPECT_EQ(verdict.version, "1.1.0.0");
  EXPECT_EQ(board_.resets_by_line, 1);
  EXPECT_TRUE(at_.echo);
}

TEST_F(AtHealth, NoAnnouncementIsNeeded) {
  at_.greeting.clear();
  EXPECT_TRUE(Check(board_).good());
}

TEST_F(AtHealth, BusyIsAskedAgain) {
  at_.busy_left = 3;
  const HealthVerdict verdict = Check(board_);
  EXPECT_TRUE(verdict.good()) << verdict.summary;
}

TEST_F(AtHealth, BusyForEverIsABusyProgram) {
  at_.busy_left = 1'000'000;
  const HealthVerdict verdict = Check(board_);
  EXPECT_EQ(verdict.health, Health::kBusyProgram) << verdict.summary;
  EXPECT_LT(Elapsed(), std::chrono::seconds(40));
}

TEST_F(AtHealth, BusySendingIsAskedAgainToo) {
  at_.busy_text = "busy s...\r\n";
  at_.busy_left = 2;
  EXPECT_TRUE(Check(board_).good());
}

TEST_F(AtHealth, WhatItSaysUnaskedIsNoAnswer) {
  at_.unasked = "WIFI CONNECTED\r\nWIFI GOT IP\r\n";
  EXPECT_TRUE(Check(board_).good());
}

TEST_F(AtHealth, EchoMayBeOffAtStart) {
  at_.echo_at_start = false;
  EXPECT_TRUE(Check(board_).good());
}

TEST_F(AtHealth, InvalidInPlaceOfReadyIsNamed) {
  at_.greeting = "\r\ninvalid\r\n";
  EXPECT_TRUE(Check(board_).good());  // it answers all the same

  FakeAt dead;
  dead.greeting = "\r\ninvalid\r\n";
  dead.busy_left = 1'000'000;
  dead.busy_text = "invalid\r\n";
  FakeBoard board(clock_, &dead);
  EXPECT_EQ(Check(board).cause, "parameters invalid");
}

TEST_F(AtHealth, OldFirmwareTellsABareNumber) {
  at_.version = "00160901\r\n";
  spec_.version = "00160901";
  EXPECT_TRUE(Check(board_).good());
}

TEST_F(AtHealth, OtherVersionIsWrong) {
  spec_.version = "1.10";
  const HealthVerdict verdict = Check(board_);
  EXPECT_EQ(verdict.health, Health::kWrongVersion);
  EXPECT_EQ(verdict.summary, "AT firmware answers as 1.1.0.0, expected 1.10");
}

TEST_F(AtHealth, OneLostOctetMakesNoWrongVersion) {
  spec_.version = "1.1.0";
  at_.version_at_first = "AT version:1.10.0(May 11 2016 18:09:56)\r\n";
  const HealthVerdict verdict = Check(board_);
  EXPECT_TRUE(verdict.good()) << verdict.summary;
  EXPECT_EQ(verdict.version, "1.1.0.0");
}

TEST_F(AtHealth, EchoAloneIsNoAnswer) {
  board_.unpowered = true;
  board_.loopback = true;
  const HealthVerdict verdict = Check(board_);
  EXPECT_EQ(verdict.health, Health::kSilent);
  EXPECT_EQ(verdict.summary, "our own words come back: RX is wired to TX");
}

TEST_F(AtHealth, ProgramThatPrintsOkIsNoAtFirmware) {
  at_.version = "never heard of it\r\n";
  spec_.version.clear();
  EXPECT_EQ(Check(board_).health, Health::kBusyProgram);
}

TEST_F(AtHealth, CommandsAreSentAsAtCommands) {
  at_.answers["AT+CWMODE?"] = "+CWMODE:2";
  spec_.run = {{"AT+CWMODE?", "+CWMODE:2"}};
  EXPECT_TRUE(Check(board_).good());

  spec_.run = {{"AT+CWMODE?", "+CWMODE:1"}};
  EXPECT_EQ(Check(board_).health, Health::kCheckFailed);

  spec_.run = {{"AT+NONSENSE", "ERROR"}};  // an error is no success, whatever is expected
  EXPECT_EQ(Check(board_).health, Health::kCheckFailed);
}

TEST_F(AtHealth, WordlessResetWhileSettlingIsForgivenOnce) {
  struct Case {
    std::string_view greeting;
    int after_ms;
  };
  for (const Case& test : {Case{"\r\nready\r\n", 4500}, Case{"", 6500}}) {
    FakeAt at;
    at.greeting = std::string(test.greeting);  // without one, the echo tells
    at.reset_after = milliseconds(test.after_ms);
    at.resets_left = 1;
    FakeBoard board(clock_, &at);
    const HealthVerdict verdict = Check(board);
    EXPECT_TRUE(verdict.good()) << verdict.summary;
    ASSERT_EQ(verdict.notes.size(), 1U);
    EXPECT_EQ(verdict.notes[0].substr(0, 17), "reset itself once");
    EXPECT_TRUE(at.echo);
  }
  at_.reset_after = milliseconds(4500);
  const HealthVerdict verdict = Check(board_);
  EXPECT_EQ(VerdictName(verdict), "crash(resets itself)") << verdict.summary;
}

TEST_F(AtHealth, FirmwareWhoseEchoStaysOnIsCheckedWithoutTheMark) {
  at_.echo_can_be_off = false;
  EXPECT_TRUE(Check(board_).good());
  EXPECT_TRUE(board_.received.ends_with("ATE1\r\n"));
}

TEST_F(AtHealth, ResetAgainAndAgainIsABootLoop) {
  at_.reset_after = milliseconds(250);
  const HealthVerdict verdict = Check(board_);
  EXPECT_EQ(verdict.health, Health::kBootLoop) << verdict.summary;
}

TEST_F(AtHealth, MicropythonInItsPlaceIsNamed) {
  FakeMicropython python;
  FakeBoard board(clock_, &python);
  const HealthVerdict verdict = Check(board);
  EXPECT_EQ(verdict.health, Health::kOtherFirmware) << verdict.summary;
  EXPECT_EQ(verdict.summary, "MicroPython answers as 1.22.1, where AT firmware was expected");
}

}  // namespace
}  // namespace lastgood::test
