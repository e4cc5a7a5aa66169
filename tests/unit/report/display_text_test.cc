// SPDX-License-Identifier: MIT
#include "report/display_text.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace lastgood {
namespace {

TEST(ToPrintable, TextStaysAsItIs) {
  for (const char* text :
       {"", "plain", "f727607f…", "Gerät Ω 日本 🛠", "back\\slash \"quoted\"", "\xC2\xA0",
        "\xED\x9F\xBF", "\xEE\x80\x80", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_EQ(ToPrintable(text), text);
  }
}

TEST(ToPrintable, WhatMovesATerminalBecomesVisible) {
  const std::pair<std::string, std::string> cases[] = {
      {"\x1b[2J\x1b[H", "\\x1b[2J\\x1b[H"},        // clears the screen
      {"\x1b]0;title\x07", "\\x1b]0;title\\x07"},  // sets the title
      {"a\rb", "a\\x0db"},                         // overwrites the line
      {"a\nok    health", "a\\x0aok    health"},   // forges a line
      {"a\tb", "a b"},
      {"\b\b\x7f", "\\x08\\x08\\x7f"},
      {std::string("nul\0", 4), "nul\\x00"},
      {"\xC2\x9B\x32J", "\\xc2\\x9b2J"},  // the 8-bit form of ESC [
      {"\xE2\x80\xAE"
       "evil",
       "\\xe2\\x80\\xaeevil"},                // right-to-left override
      {"\xE2\x81\xA6x", "\\xe2\\x81\\xa6x"},  // isolate
      {"\xE2\x80\xA8", "\\xe2\\x80\\xa8"},    // line separator
  };
  for (const auto& [text, printable] : cases) EXPECT_EQ(ToPrintable(text), printable);
}

// What a UART at the wrong speed delivers.
TEST(ToPrintable, OctetsThatAreNotUtf8BecomeVisible) {
  const std::pair<std::string, std::string> cases[] = {
      {"\xFF", "\\xff"},
      {"\x80"
       "a",
       "\\x80a"},
      {"\xC3", "\\xc3"},  // cut at the end
      {"\xC3(", "\\xc3("},
      {"\xE2\x80", "\\xe2\\x80"},
      {"\xF0\x9F\x9B", "\\xf0\\x9f\\x9b"},
      {"\xC0\xAF", "\\xc0\\xaf"},                    // overlong
      {"\xE0\x80\xAF", "\\xe0\\x80\\xaf"},           // overlong
      {"\xF0\x80\x80\xAF", "\\xf0\\x80\\x80\\xaf"},  // overlong
      {"\xED\xA0\x80", "\\xed\\xa0\\x80"},           // surrogate
      {"\xF4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"},  // above U+10FFFF
      {"\xF8\x88\x80\x80\x80", "\\xf8\\x88\\x80\\x80\\x80"},
      {"é\xE9", "é\\xe9"},
  };
  for (const auto& [text, printable] : cases) EXPECT_EQ(ToPrintable(text), printable);
}

TEST(ToPrintable, EveryPairOfOctetsBecomesPrintable) {
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      const std::string text = {static_cast<char>(first), static_cast<char>(second)};
      const std::string printable = ToPrintable(text);
      EXPECT_EQ(ToPrintable(printable), printable);
      for (const char c : printable) EXPECT_GE(static_cast<unsigned char>(c), 0x20);
    }
  }
}

TEST(DisplayWidth, CountsCharactersNotOctets) {
  EXPECT_EQ(DisplayWidth(""), 0U);
  EXPECT_EQ(DisplayWidth("abc"), 3U);
  EXPECT_EQ(DisplayWidth("f727607f…"), 9U);
  EXPECT_EQ(DisplayWidth("é🛠"), 2U);
}

using Lines = std::vector<std::string>;

TEST(WrapText, BreaksAtSpaces) {
  EXPECT_EQ(WrapText("", 10), (Lines{""}));
  EXPECT_EQ(WrapText("short", 10), (Lines{"short"}));
  EXPECT_EQ(WrapText("exactly te", 10), (Lines{"exactly te"}));
  EXPECT_EQ(WrapText("the header says one", 10), (Lines{"the header", "says one"}));
  EXPECT_EQ(WrapText("the headers say one", 10), (Lines{"the", "headers", "say one"}));
}

TEST(WrapText, BreaksAWordOnlyWhenItIsLongerThanALine) {
  EXPECT_EQ(WrapText("sha256:0123456789", 8), (Lines{"sha256:0", "12345678", "9"}));
  EXPECT_EQ(WrapText("ééééé", 2), (Lines{"éé", "éé", "é"}));
  EXPECT_EQ(WrapText(" abcdef", 3), (Lines{" ab", "cde", "f"}));
}

TEST(WrapText, ZeroDoesNotBreak) {
  const std::string text(500, 'x');
  EXPECT_EQ(WrapText(text, 0), (Lines{text}));
}

TEST(WrapText, LosesNothingButTheSpacesAtBreaks) {
  const std::string text = "a bb  ccc dddd … eeeee ffffff ggggggg";
  for (std::size_t width = 1; width < 45; ++width) {
    std::string joined;
    for (const std::string& line : WrapText(text, width)) {
      EXPECT_LE(DisplayWidth(line), width);
      joined += line;
    }
    std::string expected = text;
    std::erase(expected, ' ');
    std::erase(joined, ' ');
    EXPECT_EQ(joined, expected) << width;
  }
}

}  // namespace
}  // namespace lastgood
