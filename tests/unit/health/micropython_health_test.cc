// SPDX-License-Identifier: MIT
#include "unit/health/fake_at.h"
#include "unit/health/fake_micropython.h"
#include "unit/health/health_test_case.h"

namespace lastgood::test {
namespace {

constexpr std::string_view kException =
    "Fatal exception 4(Level1InterruptCause):\r\nepc1=0x400005cb, epc2=0x00000000, "
    "epc3=0x00000000, excvaddr=0x00000000, depc=0x00000000\r\n";

class MicropythonHealth : public HealthTestCase {
 protected:
  MicropythonHealth() {
    spec_.kind = HealthKind::kMicropython;
    spec_.version = "1.22.1";
  }
  FakeMicropython python_;
  FakeBoard board_{clock_, &python_};
};

TEST_F(MicropythonHealth, IdlePromptProvesItselfAndIsLeftAlone) {
  const HealthVerdict verdict = Check(board_);
  EXPECT_TRUE(verdict.good()) << verdict.summary;
  EXPECT_EQ(verdict.summary, "REPL answers as 1.22.1, up for 5 s");
  EXPECT_EQ(verdict.version, "1.22.1");
  EXPECT_EQ(verdict.fault, BootFault::kNone);
  EXPECT_EQ(verdict.firmware, "MicroPython");
  EXPECT_TRUE(verdict.notes.empty());
  EXPECT_LT(Elapsed(), milliseconds(8000));
  EXPECT_EQ(board_.resets_by_line, 1);
  EXPECT_TRUE(python_.at_prompt());
  EXPECT_FALSE(python_.python.Knows("_lastgood"));
  const std::string_view heard = AsText(verdict.transcript);
  EXPECT_NE(heard.find("ets Jan  8 2013"), heard.npos);
  EXPECT_NE(heard.find("raw REPL"), heard.npos);
}

TEST_F(MicropythonHealth, RunningProgramIsStoppedProvenAndStartedAgain) {
  for (const auto program : {FakeMicropython::Program::kQuiet, FakeMicropython::Program::kFloods,
                             FakeMicropython::Program::kFloodsBinary}) {
    FakeMicropython python;
    python.program = program;
    FakeBoard board(clock_, &python);
    const HealthVerdict verdict = Check(board);
    EXPECT_TRUE(verdict.good()) << verdict.summary;
    EXPECT_EQ(board.resets_by_line, 2);
  }
}

TEST_F(MicropythonHealth, ProgramThatSwallowsInterruptsTwiceIsStoppedAtLast) {
  python_.program = FakeMicropython::Program::kFloods;
  python_.interrupts_ignored = 4;
  EXPECT_TRUE(Check(board_).good());
}

TEST_F(MicropythonHealth, ProgramThatCannotBeStoppedIsABusyProgram) {
  python_.program = FakeMicropython::Program::kFloods;
  python_.interrupts_ignored = 1000;
  const HealthVerdict verdict = Check(board_);
  EXPECT_EQ(verdict.health, Health::kBusyProgram) << verdict.summary;
  EXPECT_EQ(verdict.summary, "the board talks, but no REPL answers");
  EXPECT_LT(Elapsed(), std::chrono::seconds(40));
}

TEST_F(MicropythonHealth, FirstStartMayMakeItsFileSystemForHalfAMinute) {
  for (const int setup_ms : {6000, 30000}) {
    FakeMicropython python;
    python.before_banner = "Performing initial setup\r\n";
    python.setup_time = milliseconds(setup_ms);
    FakeBoard board(clock_, &python);
    const milliseconds start = Elapsed();
    const HealthVerdict verdict = Check(board);
    EXPECT_TRUE(verdict.good()) << verdict.summary;
    EXPECT_FALSE(python.setup_disturbed);
    EXPECT_GE(Elapsed() - start, milliseconds(setup_ms + 5000));
  }
}

TEST_F(MicropythonHealth, FileSystemThatIsNeverFinishedIsNamed) {
  python_.before_banner = "Performing initial setup\r\n";
  python_.setup_time = std::chrono::seconds(1000);
  const HealthVerdict verdict = Check(board_);
  EXPECT_EQ(verdict.cause, "makes its file system");
  EXPECT_LT(Elapsed(), std::chrono::seconds(90));
}

TEST_F(MicropythonHealth, FrozenProgramBehindAFirstStartIsStoppedInTheEnd) {
  python_.before_banner = "Performing initial setup\r\n";
  python_.program = FakeMicropython::Program::kQuiet;
  EXPECT_TRUE(Check(board_).good());
  EXPECT_GT(Elapsed(), std::chrono::seconds(60));
}

TEST_F(MicropythonHealth, WrongResultsAreNoProof) {
  for (const std::string_view says : {"42\r\n", "", "print((1234*5678+910)%65521)\r\n", "OK\r\n"}) {
    FakeMicropython python;
    python.says_instead = std::string(says);
    FakeBoard board(clock_, &python);
    EXPECT_EQ(Check(board).health, Health::kBusyProgram) << says;
  }
}

struct FallBack {
  std::string_view name;
  FakeMicropython::Raw raw;
  bool paste;
};

TEST_F(MicropythonHealth, OtherModesProveItWhereTheRawReplIsMissingOrHangs) {
  const FallBack kCases[] = {{"raw hangs, paste", FakeMicropython::Raw::kHangs, true},
                             {"raw hangs, friendly", FakeMicropython::Raw::kHangs, false},
                             {"no raw, paste", FakeMicropython::Raw::kMissing, true},
                             {"no raw, friendly", FakeMicropython::Raw::kMissing, false}};
  for (const FallBack& test : kCases) {
    SCOPED_TRACE(test.name);
    FakeMicropython python;
    python.raw = test.raw;
    python.paste = test.paste;
    python.python.values["esp.check_fw()"] = "True";
    spec_.run = {{"import esp; print(esp.check_fw())", "True"}};
    FakeBoard board(clock_, &python);
    const milliseconds start = Elapsed();
    const HealthVerdict verdict = Check(board);
    EXPECT_TRUE(verdict.good()) << verdict.summary << "\n" << AsText(verdict.transcript);
    EXPECT_TRUE(python.at_prompt());
    // One that hangs is not asked three times.
    EXPECT_LT(Elapsed() - start, milliseconds(14000));
  }
}

TEST_F(MicropythonHealth, EchoAloneIsNoProof) {
  python_.raw = FakeMicropython::Raw::kMissing;
  python_.paste = false;
  python_.friendly = false;  // echoes every line and executes none
  const HealthVerdict verdict = Check(board_);
  EXPECT_EQ(verdict.health, Health::kBusyProgram) << verdict.summary;
}

TEST_F(MicropythonHealth, OwnWordsComingBackMeanRxIsWiredToTx) {
  struct Echo {
    int loses_each;
    milliseconds delay;
  };
  for (const Echo& echo : {Echo{0, milliseconds(0)}, Echo{3, milliseconds(0)},
                           Echo{0, milliseconds(400)}, Echo{2, milliseconds(1700)}}) {
    FakeBoard board(clock_, &python_);
    board.unpowered = true;
    board.loopback = true;
    board.loopback_loses_each = echo.loses_each;
    board.loopback_delay = echo.delay;
    const milliseconds start = Elapsed();
    const HealthVerdict verdict = Check(board);
    EXPECT_EQ(verdict.health, Health::kSilent);
    EXPECT_EQ(verdict.summary, "our own words come back: RX is wired to TX");
    EXPECT_LT(Elapsed() - start, milliseconds(12000));  // nothing else is tried
  }
}

struct VersionCase {
  std::string_view expected;
  std::string_view banner;
  Health health;
  std::string_view version;
};

TEST_F(MicropythonHealth, VersionMustMatchUpToTheEndOfAComponent) {
  const VersionCase kCases[] = {
      {"1.8.7", "MicroPython v1.8.7-7-gb5a1a20a3 on 2017-01-09; ESP module with ESP8266",
       Health::kHealthy, "1.8.7-7-gb5a1a20a3"},
      {"1.22", "MicroPython v1.22.1 on 2024-01-05; ESP module", Health::kHealthy, "1.22.1"},
      {"1.22.1", "MicroPython (with v2.0 preview) v1.22.1 on 2024-01-05; ESP module",
       Health::kHealthy, "1.22.1"},
      {"", "MicroPython v1.9.3-8-g63826ac5c on 2017-11-01; ESP module", Health::kHealthy,
       "1.9.3-8-g63826ac5c"},
      {"1.2", "MicroPython v1.22.1 on 2024-01-05; ESP module", Health::kWrongVersion, "1.22.1"},
      {"1.22.1", "MicroPython v1.8.3 on 2016-08-09; ESP module", Health::kWrongVersion, "1.8.3"},
  };
  for (const VersionCase& test : kCases) {
    SCOPED_TRACE(test.banner);
    FakeMicropython python;
    python.banner = std::string(test.banner);
    FakeBoard board(clock_, &python);
    spec_.version = std::string(test.expected);
    const HealthVerdict verdict = Check(board);
    EXPECT_EQ(verdict.health, test.health) << verdict.summary;
    EXPECT_EQ(verdict.version, test.version);
  }
}

TEST_F(MicropythonHealth, WrongVersionIsSaidWithBothVersions) {
  spec_.version = "1.9.3";
  EXPECT_EQ(Check(board_).summary, "REPL answers as 1.22.1, expected 1.9.3");
}

// The first greeting is the boot's, the second the answer.
TEST_F(MicropythonHealth, OneLostOctetMakesNoWrongVersion) {
  spec_.version = "1.22";
  python_.garbled_greeting = 2;
  const HealthVerdict verdict = Check(board_);
  EXPECT_TRUE(verdict.good()) << verdict.summary;
  EXPECT_EQ(verdict.version, "1.22.1");
}

TEST_F(MicropythonHealth, VersionComesFromSysWhereNoBannerIsPrinted) {
  python_.banner = "welcome";
  python_.python.values["sys.implementation"] =
      "(name='micropython', version=(1, 22, 1), _machine='ESP module')";
  EXPECT_EQ(Check(board_).version, "1.22.1");
}

TEST_F(MicropythonHealth, FirmwareThatTellsNoVersionIsOnlyGoodWhenNoneIsExpected) {
  python_.banner = "welcome";
  python_.python.values["sys.implementation"] = "none of your business";
  EXPECT_EQ(Check(board_).health, Health::kWrongVersion);
  spec_.version.clear();
  const HealthVerdict verdict = Check(board_);
  EXPECT_TRUE(verdict.good());
  EXPECT_EQ(verdict.summary, "REPL answers, up for 5 s");
}

TEST_F(MicropythonHealth, CommandsMustPrintWhatIsExpected) {
  python_.python.values["esp.check_fw()"] = "True";
  spec_.run = {{"import esp;print(esp.check_fw())", "True"}};
  EXPECT_TRUE(Check(board_).good());

  spec_.run = {{"import esp;print(esp.check_fw())", "False"}};
  HealthVerdict verdict = Check(board_);
  EXPECT_EQ(verdict.health, Health::kCheckFailed);
  EXPECT_EQ(verdict.summary,
            "'import esp;print(esp.check_fw())' printed \"True\", expected \"False\"");

  spec_.run = {{"print(network)", "network"}};
  verdict = Check(board_);
  EXPECT_EQ(verdict.health, Health::kCheckFailed);
  EXPECT_EQ(verdict.summary,
            "'print(network)' printed \"NameError: name 'network' isn't defined\", expected "
            "\"network\"");
}

TEST_F(MicropythonHealth, CrashWhileACommandRunsIsACrash) {
  python_.crash_at_execution = 2;
  python_.crashes_left = 1;
  python_.crash_text = kException;
  spec_.run = {{"print(1+1)", "2"}};
  const HealthVerdict verdict = Check(board_);
  EXPECT_EQ(verdict.health, Health::kCrash) << verdict.summary;
  EXPECT_EQ(verdict.fault, BootFault::kException);
}

TEST_F(MicropythonHealth, OneResetBeforeThePromptIsNoVerdictYet) {
  python_.setup_time = milliseconds(600);
  python_.before_banner =
      "Bootloader Flash size appear to have been set incorrectly, trying to fix\r\n";
  python_.crash_after = milliseconds(300);
  python_.crashes_left = 1;
  const HealthVerdict verdict = Check(board_);
  EXPECT_TRUE(verdict.good()) << verdict.summary;
  EXPECT_EQ(board_.boots, 2);
}

TEST_F(MicropythonHealth, AtFirmwareInItsPlaceIsNamed) {
  FakeAt at;
  FakeBoard board(clock_, &at);
  const HealthVerdict verdict = Check(board);
  EXPECT_EQ(verdict.health, Health::kOtherFirmware) << verdict.summary;
  EXPECT_EQ(verdict.summary, "AT firmware answers as 1.1.0.0, where MicroPython was expected");
  EXPECT_EQ(verdict.version, "1.1.0.0");
  EXPECT_EQ(VerdictName(verdict), "other-firmware(AT firmware 1.1.0.0)");
}

TEST_F(MicropythonHealth, BoardThatDoesNotHearTheHostIsToldApart) {
  board_.deaf = true;
  const HealthVerdict verdict = Check(board_);
  EXPECT_EQ(verdict.health, Health::kBusyProgram);
  EXPECT_EQ(verdict.summary, "the board greets, but does not hear this host");
}

TEST_F(MicropythonHealth, CorruptFileSystemIsNamed) {
  python_.before_banner =
      "The filesystem starting at sector 103 with size 917504 bytes looks corrupt\r\n";
  python_.program = FakeMicropython::Program::kQuiet;  // it can be interrupted, and would answer
  const HealthVerdict verdict = Check(board_);
  EXPECT_EQ(verdict.health, Health::kBusyProgram);
  EXPECT_EQ(verdict.summary, "its file system looks corrupt, no prompt comes");
}

TEST_F(MicropythonHealth, SettlingTimeIsTheManifests) {
  spec_.settle = std::chrono::seconds(20);
  EXPECT_EQ(Check(board_).summary, "REPL answers as 1.22.1, up for 20 s");
  EXPECT_GE(Elapsed(), std::chrono::seconds(20));
}

}  // namespace
}  // namespace lastgood::test
