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

TEST_F(AtHealth, ResetWhileSettlingIsACrash) {
  at_.reset_after = milliseconds(5500);
  at_.resets_left = 1;
  const HealthVerdict verdict = Check(board_);
  EXPECT_EQ(verdict.health, Health::kCrash) << verdict.summary;
}

TEST_F(AtHealth, ResetWithoutAnnouncementIsNoticedByTheEcho) {
  at_.greeting.clear();
  at_.reset_after = milliseconds(6500);
  at_.resets_left = 1;
  const HealthVerdict verdict = Check(board_);
  EXPECT_EQ(verdict.health, Health::kCrash) << verdict.summary;
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
  EXPECT_EQ(verdict.summary, "REPL answers as 1.22.1, where AT firmware was expected");
}

}  // namespace
}  // namespace lastgood::test
