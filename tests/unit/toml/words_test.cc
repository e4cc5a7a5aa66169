// SPDX-License-Identifier: MIT
// NearestWord and Quote.
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "toml/document.h"

namespace lastgood::toml {
namespace {

TEST(NearestWordTest, SlipsOfTheFingersAreRecognised) {
  const std::vector<std::string> words = {"sha256", "size",     "urls", "offset", "baud",
                                          "name",   "fallback", "4MB",  "1MB",    "micropython"};
  struct Case {
    std::string word, nearest;
  };
  const Case cases[] = {
      {"sha265", "sha256"}, {"sha25", "sha256"},
      {"SHA256", "sha256"}, {"url", "urls"},
      {"offest", "offset"}, {"fallbacks", "fallback"},
      {"baudrate", "baud"}, {"4mb", "4MB"},
      {"4M", "4MB"},        {"micropyhton", "micropython"},
      {"nmae", "name"},
  };
  for (const Case& c : cases) EXPECT_EQ(NearestWord(c.word, words), c.nearest) << c.word;
}

TEST(NearestWordTest, OtherWordsAreNoSlips) {
  const std::vector<std::string> words = {"sha256", "size", "urls", "erase"};
  for (const std::string word : {"", "x", "colour", "md5", "sz", "everything"})
    EXPECT_EQ(NearestWord(word, words), std::nullopt) << word;
  EXPECT_EQ(NearestWord("size", {}), std::nullopt);
}

TEST(NearestWordTest, FirstOfEquallyNearWordsIsTaken) {
  EXPECT_EQ(NearestWord("bot", {"boot", "bolt"}), "boot");
}

TEST(NearestWordTest, AWordWithoutBoundIsNotCompared) {
  EXPECT_EQ(NearestWord(std::string(100'000, 'a'), {"size"}), std::nullopt);
  EXPECT_EQ(NearestWord("size", {std::string(100'000, 's')}), std::nullopt);
  EXPECT_EQ(NearestWord(std::string(64, 'a'), {std::string(64, 'a')}), std::string(64, 'a'));
}

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
