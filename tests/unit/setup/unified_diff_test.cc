// SPDX-License-Identifier: MIT
// Held against what patch(1) makes of a diff, and against diff(1)'s own.
#include "setup/unified_diff.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "host/process_runner.h"
#include "support/leave_out.h"
#include "support/temporary_directory.h"

namespace lastgood {
namespace {

using Lines = std::vector<std::string>;

Lines Diff(std::string_view before, std::string_view after) {
  return UnifiedDiff(before, after, "a", "b");
}

std::string Joined(const Lines& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

std::ptrdiff_t ChangesIn(const Lines& diff) {
  return std::count_if(diff.begin(), diff.end(), [](const std::string& line) {
    return (line.starts_with('+') && !line.starts_with("+++ ")) ||
           (line.starts_with('-') && !line.starts_with("--- "));
  });
}

Lines LinesOf(const std::string& text) {
  Lines lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

// Texts that differ in a few places: few different lines, so that there is much to take for
// another.
class RandomTexts {
 public:
  explicit RandomTexts(unsigned seed) : random_(seed) {}

  std::pair<std::string, std::string> Next() {
    Lines before(static_cast<std::size_t>(Below(30)));
    for (std::string& line : before) line = Line();
    Lines after = before;
    for (int edits = Below(5); edits >= 0; --edits) {
      const auto at = static_cast<std::size_t>(Below(static_cast<int>(after.size()) + 1));
      const auto place = after.begin() + static_cast<std::ptrdiff_t>(at);
      if (at == after.size() || Below(2) == 0)
        after.insert(place, Line());
      else
        after.erase(place);
    }
    return {TextOf(before), TextOf(after)};
  }

 private:
  int Below(int limit) { return std::uniform_int_distribution(0, limit - 1)(random_); }
  std::string Line() {
    static const Lines kLines = {"", "a", "b", "-- c", "++ d", "\te", "@@ f", "\\ g"};
    return kLines[static_cast<std::size_t>(Below(static_cast<int>(kLines.size())))];
  }
  std::string TextOf(const Lines& lines) {
    std::string text = Joined(lines);
    if (!text.empty() && Below(4) == 0) text.pop_back();
    return text;
  }

  std::mt19937 random_;
};

class RealProgramsDiffTest : public testing::Test {
 protected:
  ProcessResult Run(const std::vector<std::string>& argv) {
    ProcessRequest request;
    request.argv = argv;
    return runner_.Run(request).value_or(ProcessResult{127, {}, {}});
  }
  std::string At(std::string_view name) const { return (directory_ / name).string(); }

  test::TemporaryDirectory directory_;
  PosixProcessRunner runner_;
};

TEST_F(RealProgramsDiffTest, PatchMakesTheOneTextOfTheOther) {
  if (Run({"patch", "--version"}).exit_status != 0) LEAVE_OUT("needs patch");
  constexpr unsigned kSeed = 20261127;
  RandomTexts texts(kSeed);
  for (int round = 0; round < 200; ++round) {
    const auto [before, after] = texts.Next();
    SCOPED_TRACE(fmt::format("seed {}, round {}", kSeed, round));
    const Lines diff = Diff(before, after);
    ASSERT_EQ(diff.empty(), before == after);
    if (diff.empty()) continue;
    test::WriteText(At("before"), before);
    test::WriteText(At("diff"), Joined(diff));
    const ProcessResult patched =
        Run({"patch", "--fuzz=0", "-s", "-o", At("after"), At("before"), At("diff")});
    ASSERT_EQ(patched.exit_status, 0) << patched.standard_output << Joined(diff);
    EXPECT_EQ(patched.standard_output + patched.standard_error, "") << Joined(diff);
    ASSERT_EQ(test::ReadText(At("after")), after) << Joined(diff);
  }
}

TEST_F(RealProgramsDiffTest, IsAsShortAsDiffsOwn) {
  if (Run({"diff", "--version"}).exit_status != 0) LEAVE_OUT("needs diff");
  constexpr unsigned kSeed = 8266;
  RandomTexts texts(kSeed);
  for (int round = 0; round < 100; ++round) {
    const auto [before, after] = texts.Next();
    test::WriteText(At("before"), before);
    test::WriteText(At("after"), after);
    const ProcessResult theirs =
        Run({"diff", "-u", "--minimal", "--label", "a", "--label", "b", At("before"), At("after")});
    EXPECT_EQ(ChangesIn(Diff(before, after)), ChangesIn(LinesOf(theirs.standard_output)))
        << "seed " << kSeed << ", round " << round << "\n"
        << theirs.standard_output << Joined(Diff(before, after));
  }
}

TEST(UnifiedDiffTest, SaysWhatChangesWithThreeLinesAround) {
  EXPECT_TRUE(Diff("same\n", "same\n").empty());
  EXPECT_EQ(Diff("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nfive\n6\n7\n8\n9\n"),
            (Lines{"--- a", "+++ b", "@@ -2,7 +2,7 @@", " 2", " 3", " 4", "-5", "+five", " 6", " 7",
                   " 8"}));
  EXPECT_EQ(Diff("", "new\n"), (Lines{"--- a", "+++ b", "@@ -0,0 +1 @@", "+new"}));
  EXPECT_EQ(Diff("old\n", ""), (Lines{"--- a", "+++ b", "@@ -1 +0,0 @@", "-old"}));
}

TEST(UnifiedDiffTest, ChangesThatAreSixLinesApartShareAHunk) {
  const auto hunks = [](int between) {
    std::string middle;
    for (int i = 0; i < between; ++i) middle += std::to_string(i) + "\n";
    const Lines diff = Diff("a\n" + middle + "b\n", "A\n" + middle + "B\n");
    return std::count_if(diff.begin(), diff.end(),
                         [](const std::string& line) { return line.starts_with("@@"); });
  };
  EXPECT_EQ(hunks(6), 1);
  EXPECT_EQ(hunks(7), 2);
}

TEST(UnifiedDiffTest, MissingEndOfLineIsADifference) {
  EXPECT_EQ(Diff("x", "x\n"),
            (Lines{"--- a", "+++ b", "@@ -1 +1 @@", "-x", "\\ No newline at end of file", "+x"}));
}

TEST(UnifiedDiffTest, ControlCharactersAreShownAsQuestionMarks) {
  EXPECT_EQ(Diff("a=1\r\n", "a=1\n"), (Lines{"--- a", "+++ b", "@@ -1 +1 @@", "-a=1?", "+a=1"}));
  EXPECT_EQ(UnifiedDiff("\x1b[2J\n", "\tx\x7F\n", "a\n", "\x1b"),
            (Lines{"--- a?", "+++ ?", "@@ -1 +1 @@", "-?[2J", "+\tx?"}));
}

TEST(UnifiedDiffTest, WhatIsNoTextIsOneLine) {
  EXPECT_EQ(Diff(std::string_view("\0\1", 2), "text\n"), Lines{"a and b differ: 2 and 5 octets"});
}

std::string Numbers(int from, int to) {
  std::string text;
  for (int i = from; i < to; ++i) text += std::to_string(i) + "\n";
  return text;
}

TEST(UnifiedDiffTest, OneLineOfALongFileIsShown) {
  const std::string head = Numbers(0, 20'000);
  const Lines diff = Diff(head + "old\n" + head, head + "new\n" + head);
  EXPECT_EQ(diff.size(), 3U + 8U);
  EXPECT_EQ(diff.at(2), "@@ -19998,7 +19998,7 @@");
}

TEST(UnifiedDiffTest, ThousandsOfDifferentLinesAreOneLine) {
  EXPECT_EQ(Diff(Numbers(0, 2000), Numbers(2000, 4000)).size(), 3U + 4000U);
  EXPECT_EQ(Diff(Numbers(0, 2001), Numbers(2001, 4002)).size(), 1U);
  EXPECT_EQ(Diff(Numbers(0, 100'001), Numbers(0, 100'002)).size(), 1U);
}

}  // namespace
}  // namespace lastgood
