// SPDX-License-Identifier: MIT
#include "health/challenge.h"

#include <gtest/gtest.h>

#include <set>

#include "unit/health/tiny_python.h"

namespace lastgood::test {
namespace {

TEST(Challenge, AnswerIsTheResultAndNeverPartOfTheQuestion) {
  std::set<std::string> answers;
  for (std::uint32_t seed = 0; seed < 200; ++seed) {
    ChallengeMaker maker(seed);
    for (int i = 0; i < 20; ++i) {
      const Challenge challenge = maker.Next();
      EXPECT_EQ(challenge.expression.find(challenge.answer), std::string::npos)
          << challenge.expression;
      EXPECT_GE(challenge.answer.size(), 4U);
      EXPECT_EQ(TinyPython().Run("print(" + challenge.expression + ")").output,
                challenge.answer + "\r\n");
      answers.insert(challenge.answer);
    }
  }
  EXPECT_GT(answers.size(), 3500U);
}

TEST(Challenge, IntermediateResultsAreSmallIntegersOnTheBoard) {
  ChallengeMaker maker(1);
  for (int i = 0; i < 10000; ++i) {
    const std::string expression = maker.Next().expression;
    const std::string sum = expression.substr(0, expression.find('%'));
    const std::string value = TinyPython().Run("print(" + sum + ")").output;
    EXPECT_LT(std::stoll(value), 1LL << 30);
  }
}

TEST(Challenge, SeedReplays) {
  EXPECT_EQ(ChallengeMaker(7).Next().expression, ChallengeMaker(7).Next().expression);
  EXPECT_NE(ChallengeMaker(7).Next().expression, ChallengeMaker(8).Next().expression);
}

}  // namespace
}  // namespace lastgood::test
