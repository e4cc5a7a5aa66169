// SPDX-License-Identifier: MIT
#include "health/readable_text.h"

#include <gtest/gtest.h>

namespace lastgood {
namespace {

TEST(ReadableText, LinesEndAtAnyMixtureOfCrAndLf) {
  const std::vector<std::string_view> expected = {"one", "two", " three"};
  EXPECT_EQ(SplitLines("one\r\ntwo\n\r\n three"), expected);
  EXPECT_EQ(SplitLines("\rone\rtwo\r\r\n three\n"), expected);
  EXPECT_TRUE(SplitLines("").empty());
  EXPECT_TRUE(SplitLines("\r\n\n\r").empty());
}

TEST(ReadableText, LooseMatchIgnoresCaseAndBlanksOfTheText) {
  const auto match = FindLoose("noise Rst  CAUSE : 2", "rstcause:");
  ASSERT_TRUE(match);
  EXPECT_EQ(match->begin, 6U);
  EXPECT_EQ(NumberAt("noise Rst  CAUSE : 2", match->end, 10), 2U);
  EXPECT_FALSE(FindLoose("rst cause", "rstcause:"));
  EXPECT_FALSE(FindLoose("", "rst"));
  EXPECT_FALSE(FindLoose("rst cause:", "rstcause:", 1));
}

TEST(ReadableText, NumbersThatAreNoneOrTooLargeAreNone) {
  EXPECT_EQ(NumberAt("0x7a", 2, 16), 0x7aU);
  EXPECT_EQ(NumberAt("len  31264,", 3, 10), 31264U);
  EXPECT_FALSE(NumberAt("len -1", 3, 10));
  EXPECT_FALSE(NumberAt("len", 3, 10));
  EXPECT_FALSE(NumberAt("99999999999", 0, 10));
}

TEST(ReadableText, UnreadableIsWhatNobodyPrints) {
  const auto unreadable = [](std::string_view text) { return Measure(text).unreadable; };
  EXPECT_EQ(unreadable("plain\ttext\r\n\x1b[0m"), 0U);
  EXPECT_EQ(unreadable("21.5 °C, 42 € 日本"), 0U);
  EXPECT_EQ(unreadable(std::string_view("\0\x01\x80\xff", 4)), 4U);
  EXPECT_EQ(unreadable("\xef\xbf\xbd"), 1U);
  EXPECT_EQ(unreadable("\xc3"), 1U);
  EXPECT_EQ(unreadable("\xe2\x82"), 2U);
  EXPECT_EQ(Measure("°").characters, 1U);
}

TEST(ReadableText, NoiseIsMoreThanAFewStrayOctets) {
  for (const std::string_view text :
       {"\xff\xfe\xff", "l\xef\xbf\xbdr\xef\xbf\xbd", "þÿŸlŒãœrlŽŒãÿþŸlŒãœrlŽŒã", "\x80"})
    EXPECT_TRUE(Measure(text).IsNoise()) << text;
  for (const std::string_view text :
       {"plain", "température élevée", "21.5 °C", "日本語で書く", "one\xff octet", "é"})
    EXPECT_FALSE(Measure(text).IsNoise()) << text;
}

TEST(ReadableText, CleanLinesAreShortAndPrintable) {
  EXPECT_EQ(CleanLine("  \xff\x01 csum err \x80 "), "csum err");
  EXPECT_EQ(CleanLine("\x1b[0m21 °C"), "[0m21 °C");
  EXPECT_EQ(CleanLine("\xff\xfe  "), "");
  EXPECT_LE(CleanLine(std::string(5000, 'x')).size(), 120U);
}

}  // namespace
}  // namespace lastgood
