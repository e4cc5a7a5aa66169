// SPDX-License-Identifier: MIT
#include "toml/source_text.h"

#include <gtest/gtest.h>

#include <string>

namespace lastgood::toml {
namespace {

TEST(SourceTextTest, OffsetsAndPositionsAreTheReverseOfEachOther) {
  const std::string text = "ab\n\ncd\né";
  for (std::size_t offset = 0; offset <= text.size(); ++offset)
    EXPECT_EQ(OffsetOf(text, PositionAt(text, offset)), offset) << offset;
  EXPECT_EQ(PositionAt(text, 3).line, 2U);
  EXPECT_EQ(PositionAt(text, 5).column, 2U);
}

TEST(SourceTextTest, PlacesOutsideTheTextBecomeTheNearest) {
  EXPECT_EQ(OffsetOf("ab\ncd", {1, 99}), 2U);
  EXPECT_EQ(OffsetOf("ab\ncd", {9, 1}), 5U);
  EXPECT_EQ(OffsetOf("ab\ncd", {2, 0}), 3U);
}

TEST(SourceTextTest, Utf8SequencesAreMeasuredAndImpostorsRefused) {
  struct Case {
    std::string bytes;
    std::size_t length;
  };
  const Case cases[] = {
      {"a", 1},
      {"\xC3\xA9", 2},
      {"\xE7\xA2\xBA", 3},
      {"\xF0\x9F\x98\x80", 4},
      {"\xF4\x8F\xBF\xBF", 4},  // U+10FFFF
      {"\x80", 0},              // continuation alone
      {"\xC3", 0},              // truncated
      {"\xC3"
       "a",
       0},                      // broken off
      {"\xC0\xAF", 0},          // overlong '/'
      {"\xE0\x80\xAF", 0},      // overlong '/'
      {"\xF0\x80\x80\xAF", 0},  // overlong '/'
      {"\xED\xA0\x80", 0},      // surrogate
      {"\xF4\x90\x80\x80", 0},  // above U+10FFFF
      {"\xFF", 0},
  };
  for (const Case& c : cases) EXPECT_EQ(Utf8SequenceLength(c.bytes, 0), c.length) << c.bytes;
}

TEST(SourceTextTest, PrintableTextCannotSteerATerminal) {
  EXPECT_EQ(Printable("plain é 確"), "plain é 確");
  EXPECT_EQ(Printable("a\x1B[2Jb"), "a?[2Jb");
  EXPECT_EQ(Printable("a\tb\nc\x7F"), "a b?c?");
  EXPECT_EQ(Printable("\xC2\x9B"
                      "31m"),
            "?31m");  // C1 control sequence introducer
  EXPECT_EQ(Printable("a\xE2\x80\xAE"
                      "b"),
            "a?b");  // right-to-left override
  EXPECT_EQ(Printable("\xFF\xFE"), "??");
}

TEST(SourceTextTest, PrintableTextIsCutAtACharacter) {
  EXPECT_EQ(Printable("éééé", 3), "ééé…");
  EXPECT_EQ(Printable("ééé", 3), "ééé");
  EXPECT_EQ(Printable("", 3), "");
}

TEST(DiagnoseTest, CaretStandsBelowItsCharacter) {
  struct Case {
    std::string text;
    Position position;
    std::string expected;
  };
  const Case cases[] = {
      {"a = 1\n", {1, 5}, "f:1:5: error: no\n   1 | a = 1\n     |     ^"},
      {"\t\ta = 1", {1, 3}, "f:1:3: error: no\n   1 | \t\ta = 1\n     | \t\t^"},
      {"é = 1", {1, 6}, "f:1:6: error: no\n   1 | é = 1\n     |     ^"},
      {"確確 = 1", {1, 10}, "f:1:10: error: no\n   1 | 確確 = 1\n     |        ^"},
      {"e\xCC\x81 = 1", {1, 7}, "f:1:7: error: no\n   1 | e\xCC\x81 = 1\n     |     ^"},
      {"a", {1, 2}, "f:1:2: error: no\n   1 | a\n     |  ^"},
      {"", {1, 1}, "f:1:1: error: no\n   1 | \n     | ^"},
      {"a\x1B[2J", {1, 1}, "f:1:1: error: no\n   1 | a?[2J\n     | ^"},
      {"\n\n\n", {3, 1}, "f:3:1: error: no\n   3 | \n     | ^"},
  };
  for (const Case& c : cases) EXPECT_EQ(Diagnose(c.text, "f", c.position, "no"), c.expected);
}

TEST(DiagnoseTest, LargeLineNumbersKeepTheBarsBelowEachOther) {
  const std::string text(12344, '\n');
  EXPECT_EQ(Diagnose(text + "x", "f", {12345, 1}, "no"),
            "f:12345:1: error: no\n12345 | x\n      | ^");
}

TEST(DiagnoseTest, PlaceNowhereHasNoLine) {
  EXPECT_EQ(Diagnose("a = 1\n", "f", {}, "no"), "f: error: no");
}

TEST(DiagnoseTest, LongLinesAreCutAroundTheCaret) {
  const std::string text = std::string(500, 'a') + "X" + std::string(500, 'b');
  const std::string shown = Diagnose(text, "f", {1, 501}, "no");
  EXPECT_EQ(shown, "f:1:501: error: no\n   1 | …" + std::string(80, 'a') + "X" +
                       std::string(39, 'b') + "…\n     | " + std::string(81, ' ') + "^");
}

TEST(DiagnoseTest, LineIsCutOnlyWhenTheCaretIsFarToTheRight) {
  const std::string text = std::string(80, 'a') + "XY";
  EXPECT_EQ(Diagnose(text, "f", {1, 81}, "no"),
            "f:1:81: error: no\n   1 | " + text + "\n     | " + std::string(80, ' ') + "^");
  EXPECT_EQ(Diagnose(text, "f", {1, 82}, "no"), "f:1:82: error: no\n   1 | …" + text.substr(1) +
                                                    "\n     | " + std::string(81, ' ') + "^");
}

TEST(DiagnoseTest, NameOfTheFileCannotSteerATerminal) {
  EXPECT_EQ(Diagnose("", "a\x1B[2J", {}, "no"), "a?[2J: error: no");
}

}  // namespace
}  // namespace lastgood::toml
