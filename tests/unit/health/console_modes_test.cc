// SPDX-License-Identifier: MIT
// The ways into MicroPython's console, and what a board may say between them.
#include "unit/health/fake_micropython.h"
#include "unit/health/health_test_case.h"

namespace lastgood::test {
namespace {

using std::chrono::seconds;

class ConsoleModes : public HealthTestCase {
 protected:
  ConsoleModes() {
    spec_.kind = HealthKind::kMicropython;
    spec_.version = "1.22.1";
    spec_.settle = seconds(1);
  }

  // A command of more octets than the ESP8266's receive buffer holds.
  static HealthCommand Long(std::size_t lines = 40) {
    HealthCommand command;
    for (std::size_t i = 0; i < lines; ++i) command.code += "x=1000+" + std::to_string(i) + "\n";
    command.code += "print(x)";
    command.expect = std::to_string(1000 + lines - 1);
    return command;
  }

  FakeMicropython python_;
  FakeBoard board_{clock_, &python_};
};

struct RawPasteCase {
  std::string_view name;
  FakeMicropython::RawPaste raw_paste;
  bool taken;
};

TEST_F(ConsoleModes, LongCodeGoesByRawPasteAndWithoutItAllTheSame) {
  using RawPaste = FakeMicropython::RawPaste;
  const RawPasteCase kCases[] = {{"works", RawPaste::kWorks, true},
                                 {"before 1.14", RawPaste::kOld, false},
                                 {"switched off", RawPaste::kOff, false},
                                 {"accepts and falls silent", RawPaste::kSilent, false},
                                 {"stalls after a window", RawPaste::kStalls, false}};
  spec_.run = {Long(), Long(100), Long(200)};
  for (const RawPasteCase& test : kCases) {
    SCOPED_TRACE(test.name);
    FakeMicropython python;
    python.raw_paste = test.raw_paste;
    FakeBoard board(clock_, &python);
    const milliseconds start = Elapsed();
    const HealthVerdict verdict = Check(board);
    EXPECT_TRUE(verdict.good()) << verdict.summary;
    EXPECT_EQ(python.raw_pastes, test.taken ? 3 : 1);  // once bitten, never again
    EXPECT_TRUE(python.at_prompt());
    EXPECT_LT(Elapsed() - start, seconds(8));
  }
}

TEST_F(ConsoleModes, ShortCodeIsSentWithoutRawPaste) {
  spec_.run = {{.code = "print(1+1)", .expect = "2"}};
  EXPECT_TRUE(Check(board_).good());
  EXPECT_EQ(python_.raw_pastes, 0);
}

TEST_F(ConsoleModes, ErrorsOfLongCodeAreErrors) {
  HealthCommand command = Long();
  command.code += "\nnonsense";
  spec_.run = {command};
  const HealthVerdict verdict = Check(board_);
  EXPECT_EQ(verdict.health, Health::kCheckFailed);
  EXPECT_NE(verdict.summary.find("NameError"), std::string::npos) << verdict.summary;
  EXPECT_EQ(python_.raw_pastes, 1);
}

TEST_F(ConsoleModes, BannerMayComeBehindTheFirstPrompt) {
  python_.prompt_before_banner = true;
  EXPECT_TRUE(Check(board_).good());
}

TEST_F(ConsoleModes, WordsOfTheWebReplAreNoAnswerAndNoReset) {
  constexpr std::string_view kWords =
      "WebREPL daemon started on ws://192.168.4.1:8266\r\nStarted webrepl in normal mode\r\n";
  python_.before_banner = std::string(kWords);
  python_.after_prompt =
      std::string(kWords) + "\r\nWebREPL connection from: ('192.168.4.2', 49152)\r\n";
  const HealthVerdict verdict = Check(board_);
  EXPECT_TRUE(verdict.good()) << verdict.summary;
  EXPECT_TRUE(verdict.notes.empty());
}

TEST_F(ConsoleModes, ConsoleBehindAPasswordIsNamed) {
  python_.program = FakeMicropython::Program::kQuiet;
  python_.interrupts_ignored = 1000;
  python_.answer_of_program = "\r\nPassword: ";
  EXPECT_EQ(Check(board_).cause, "asks for a password");
}

TEST_F(ConsoleModes, BoardThatStillPrintsWhenItIsAskedIsWaitedFor) {
  python_.after_prompt.assign(2000, 'x');
  EXPECT_TRUE(Check(board_).good());
}

}  // namespace
}  // namespace lastgood::test
