// SPDX-License-Identifier: MIT
#include "report/terminal_reporter.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "report/display_text.h"
#include "support/string_sink.h"

namespace lastgood {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test::StringSink;

class TerminalReporterTest : public testing::Test {
 protected:
  TerminalReporter On(const TerminalOptions& options) { return {sink_, clock_, options}; }
  TerminalReporter OnTerminal(std::size_t width = 100) { return On({true, false, false, width}); }
  TerminalReporter OnLog() { return On({}); }

  // Progress every 10 ms from nothing to `total` at 10,000 octets a second.
  void Flash(Reporter& reporter, std::uint64_t total) {
    for (std::uint64_t done = 0; done <= total; done += 100) {
      reporter.Progress({"flash", done, total});
      clock_.SleepFor(milliseconds(10));
    }
  }

  // What a terminal shows in the end: '\r' goes to the line's beginning, '\n' to the next line.
  std::vector<std::string> Screen() const {
    std::vector<std::string> lines(1);
    std::size_t column = 0;
    for (const char c : sink_.text()) {
      if (c == '\r') {
        column = 0;
      } else if (c == '\n') {
        lines.emplace_back();
        column = 0;
      } else {
        std::string& line = lines.back();
        if (line.size() <= column) line.resize(column + 1, ' ');
        line[column++] = c;
      }
    }
    for (std::string& line : lines) line.erase(line.find_last_not_of(' ') + 1);
    return lines;
  }

  StringSink sink_;
  VirtualClock clock_;
};

// Design section 11.
TEST_F(TerminalReporterTest, StagesLookAsTheyWereDesigned) {
  TerminalReporter reporter = OnLog();
  reporter.Stage(
      {"network", StageOutcome::kOk, "direct, micropython.org answers", {}, milliseconds(200)});
  reporter.Stage({"fetch", StageOutcome::kOk, "642 KB, sha256 f727607f…", {}, milliseconds(1100)});
  reporter.Stage({"host", StageOutcome::kNote, "5 steps: 4 done already, 1 changed", {}, {}});
  reporter.Stage({"fallback", StageOutcome::kSkip, "none wanted", {}, milliseconds(49)});
  reporter.Stage({"health",
                  StageOutcome::kFail,
                  "boot loop: 4 resets in 2 s",
                  {"the header says 1 MB of flash,", "the chip has 4 MB"},
                  {}});
  EXPECT_EQ(
      sink_.text(),
      R"(  ok    network    direct, micropython.org answers                                         0.2 s
  ok    fetch      642 KB, sha256 f727607f…                                                1.1 s
  note  host       5 steps: 4 done already, 1 changed
  skip  fallback   none wanted
  FAIL  health     boot loop: 4 resets in 2 s
                   the header says 1 MB of flash,
                   the chip has 4 MB
)");
}

TEST_F(TerminalReporterTest, LongLineOfALogStaysWholeWithItsTimeBehindIt) {
  TerminalReporter reporter = OnLog();
  const std::string text(200, 'x');
  reporter.Stage({"flash", StageOutcome::kOk, text, {}, seconds(3)});
  EXPECT_EQ(sink_.text(), "  ok    flash      " + text + "  3.0 s\n");
}

TEST_F(TerminalReporterTest, LongLineIsWrappedToTheTerminal) {
  TerminalReporter reporter = OnTerminal(60);
  reporter.Stage({"flash",
                  StageOutcome::kOk,
                  "38 of 157 sectors differ, 156 KB written at 460800, MD5 matches",
                  {"a detail that is just as long and does not fit either"},
                  milliseconds(4100)});
  EXPECT_EQ(sink_.text(), R"(  ok    flash      38 of 157 sectors differ, 156 KB    4.1 s
                   written at 460800, MD5 matches
                   a detail that is just as long and does
                   not fit either
)");
  for (const std::string& line : Screen()) EXPECT_LE(DisplayWidth(line), 60U);
}

TEST_F(TerminalReporterTest, TerminalThatIsTooNarrowIsNotWrappedFor) {
  TerminalReporter reporter = OnTerminal(20);
  reporter.Stage({"flash", StageOutcome::kOk, "some facts that do not fit", {}, seconds(1)});
  reporter.Progress({"flash", 1, 2});
  EXPECT_EQ(Screen()[0], "  ok    flash      some facts that do not fit  1.0 s");
}

TEST_F(TerminalReporterTest, ColourOnlyAdds) {
  TerminalReporter plain = On({true, false, false, 80});
  const StageEvent event{"health", StageOutcome::kFail, "no answer", {}, seconds(5)};
  plain.Stage(event);
  const std::string without = sink_.Take();
  EXPECT_EQ(without.find('\x1b'), std::string::npos);

  TerminalReporter coloured = On({true, true, false, 80});
  coloured.Stage(event);
  std::string with = sink_.Take();
  EXPECT_EQ(with.find("  \x1b[1;31mFAIL\x1b[0m  health"), 0U);
  for (std::size_t at = with.find('\x1b'); at != std::string::npos; at = with.find('\x1b'))
    with.erase(at, with.find('m', at) - at + 1);
  EXPECT_EQ(with, without);
}

TEST_F(TerminalReporterTest, NothingHostileReachesTheTerminal) {
  TerminalReporter reporter = On({true, false, true, 80});
  const std::string evil = "\x1b[2J\r\n  ok    health     fine\x07\xC2\x9B\xFF";
  reporter.Stage({evil, StageOutcome::kOk, evil, {evil}, seconds(1)});
  reporter.Progress({evil, 1, 2});
  reporter.State({1, evil, evil});
  reporter.Outcome({1, 0, evil, evil, evil, true, false});
  for (const char c : sink_.text()) {
    const auto octet = static_cast<unsigned char>(c);
    EXPECT_TRUE(octet >= 0x20 || c == '\n' || c == '\r') << static_cast<int>(octet);
    EXPECT_NE(octet, 0x9B);
    EXPECT_NE(octet, 0xFF);
  }
  for (const std::string& line : Screen()) EXPECT_NE(line, "  ok    health     fine");
}

TEST_F(TerminalReporterTest, StatesAreShownToTheCurious) {
  TerminalReporter quiet = OnTerminal();
  quiet.State({42, "flashing-new", "attempt 1 at 460800"});
  EXPECT_EQ(sink_.text(), "");
  TerminalReporter verbose = On({true, false, true, 80});
  verbose.State({42, "flashing-new", "attempt 1 at 460800"});
  verbose.State({42, "committed", ""});
  EXPECT_EQ(sink_.text(),
            "        state      flashing-new, attempt 1 at 460800\n"
            "        state      committed\n");
}

TEST_F(TerminalReporterTest, SuccessIsTheLastLineAndFailureIsLeftToTheError) {
  TerminalReporter reporter = OnTerminal();
  reporter.Outcome({42, 8, "rolled back", "", "", true, true});
  EXPECT_EQ(sink_.text(), "");
  reporter.Outcome({42, 0, "Board 18:fe:34:ab:cd:ef is known good (14.2 s).", "", "", true, false});
  EXPECT_EQ(sink_.text(), "Board 18:fe:34:ab:cd:ef is known good (14.2 s).\n");
}

TEST_F(TerminalReporterTest, ProgressIsDrawnOverAndGoneBeforeTheNextLine) {
  TerminalReporter reporter = OnTerminal();
  Flash(reporter, 50'000);
  ASSERT_EQ(Screen().size(), 1U);
  EXPECT_EQ(Screen()[0],
            "        flash      [####################]  100 %  50 KB of 50 KB  10 KB/s  0 s left");
  reporter.Stage({"flash", StageOutcome::kOk, "done", {}, {}});
  EXPECT_EQ(Screen(), (std::vector<std::string>{"  ok    flash      done", ""}));
}

TEST_F(TerminalReporterTest, ProgressIsDrawnTenTimesASecondAtMost) {
  TerminalReporter reporter = OnTerminal();
  Flash(reporter, 20'000);  // 2 s, 200 events
  EXPECT_GE(sink_.writes(), 19);
  EXPECT_LE(sink_.writes(), 21);
}

TEST_F(TerminalReporterTest, ProgressStaysWithinTheWidth) {
  for (std::size_t width = 1; width <= 100; ++width) {
    sink_.Take();
    TerminalReporter reporter = OnTerminal(width);
    Flash(reporter, 20'000);
    for (const std::string& line : Screen()) EXPECT_LT(DisplayWidth(line), width);
    EXPECT_EQ(sink_.text().find('\n'), std::string::npos);
  }
}

TEST_F(TerminalReporterTest, ShorterLineLeavesNothingOfTheLongerOne) {
  TerminalReporter reporter = OnTerminal();
  reporter.Progress({"fetch", 999'000'000, 999'000'000'000});
  clock_.SleepFor(seconds(1));
  reporter.Progress({"x", 1, 0});
  EXPECT_EQ(Screen()[0], "        x          1 B");
}

TEST_F(TerminalReporterTest, ProgressIsGoneWhenTheReporterIs) {
  {
    TerminalReporter reporter = OnTerminal();
    Flash(reporter, 1000);
  }
  EXPECT_EQ(Screen(), (std::vector<std::string>{""}));
}

TEST_F(TerminalReporterTest, LogOfALongStageShowsLife) {
  TerminalReporter reporter = OnLog();
  Flash(reporter, 80'000);  // 8 s
  EXPECT_EQ(sink_.text(),
            "        flash      25 %, 20 KB of 80 KB, 10 KB/s, 6 s left\n"
            "        flash      50 %, 40 KB of 80 KB, 10 KB/s, 4 s left\n"
            "        flash      75 %, 60 KB of 80 KB, 10 KB/s, 2 s left\n");
}

TEST_F(TerminalReporterTest, LogOfAShortStageIsItsLineOnly) {
  TerminalReporter reporter = OnLog();
  Flash(reporter, 40'000);  // 4 s
  EXPECT_EQ(sink_.text(), "");
}

TEST_F(TerminalReporterTest, LogOfASecondAttemptCountsAgain) {
  TerminalReporter reporter = OnLog();
  Flash(reporter, 60'000);
  Flash(reporter, 60'000);
  const auto lines = Screen();
  ASSERT_EQ(lines.size(), 7U);
  EXPECT_EQ(lines[0], lines[3]);
}

TEST_F(TerminalReporterTest, LogOfAStageWithoutATotalShowsLifeEveryTenSeconds) {
  TerminalReporter reporter = OnLog();
  for (std::uint64_t i = 0; i <= 250; ++i) {
    reporter.Progress({"fetch", i * 1000, 0});
    clock_.SleepFor(milliseconds(100));
  }
  EXPECT_EQ(sink_.text(),
            "        fetch      100 KB, 10 KB/s\n"
            "        fetch      200 KB, 10 KB/s\n");
}

TEST_F(TerminalReporterTest, LogHasNoCarriageReturn) {
  TerminalReporter reporter = OnLog();
  Flash(reporter, 80'000);
  reporter.Stage({"flash", StageOutcome::kOk, "done", {}, {}});
  EXPECT_EQ(sink_.text().find('\r'), std::string::npos);
}

}  // namespace
}  // namespace lastgood
