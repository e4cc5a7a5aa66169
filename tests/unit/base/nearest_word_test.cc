// SPDX-License-Identifier: MIT
#include "base/nearest_word.h"

#include <gtest/gtest.h>

namespace lastgood {
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

}  // namespace
}  // namespace lastgood
