// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "toml/document.h"

namespace lastgood::toml {
namespace {

TEST(QuoteTest, SpecialCharactersAreEscaped) {
  EXPECT_EQ(Quote(""), "\"\"");
  EXPECT_EQ(Quote("plain é"), "\"plain é\"");
  EXPECT_EQ(Quote("say \"x\\y\""), "\"say \\\"x\\\\y\\\"\"");
  EXPECT_EQ(Quote("a\nb\tc\rd\x7F"), "\"a\\nb\\tc\\u000Dd\\u007F\"");
}

TEST(QuoteTest, ParserReadsBackWhatWasQuoted) {
  constexpr unsigned seed = 256;
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const std::string pieces[] = {"a", "\"", "\\", "\n", "\r",   "\t",   std::string(1, '\0'),
                                "'", "é",  "確", "😀",  "\x1F", "\x7F", "\\u0041",
                                "#", " "};
  for (int round = 0; round < 500; ++round) {
    std::string text;
    for (auto length = random() % 20; length > 0; --length)
      text += pieces[random() % std::size(pieces)];
    const auto document = Document::Parse("k = " + Quote(text) + "\n", "t");
    ASSERT_TRUE(document.has_value()) << document.error().message;
    ASSERT_EQ(std::get<std::string>(document->root().entries.at("k").data), text);
  }
}

}  // namespace
}  // namespace lastgood::toml
