// SPDX-License-Identifier: MIT
#include "base/result.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace lastgood {
namespace {

Result<int> Half(int number) {
  if (number % 2 != 0) return Fail(ExitCode::kRefused, "odd", "give an even number");
  return number / 2;
}

Result<int> Quarter(int number) {
  TRY(const int half, Half(number));
  TRY(const int quarter, Half(half));
  return quarter;
}

Result<void> Require(bool condition) {
  if (!condition) return Fail(ExitCode::kBoard, "no");
  return {};
}

Result<std::string> Both(bool first, bool second, int& reached) {
  TRY_DO(Require(first));
  ++reached;
  TRY_DO(Require(second));
  ++reached;
  return std::string("yes");
}

Result<std::unique_ptr<int>> Own(int value) { return std::make_unique<int>(value); }

Result<std::unique_ptr<int>> PassOn(int value) {
  TRY(auto owned, Own(value));
  TRY(owned, Own(*owned + 1));
  return owned;
}

TEST(Result, TryHandsOutTheValue) { EXPECT_EQ(Quarter(12).value(), 3); }

TEST(Result, TryReturnsTheFirstErrorWhole) {
  const auto result = Quarter(6);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ExitCode::kRefused);
  EXPECT_EQ(result.error().message, "odd");
  EXPECT_EQ(result.error().hint, "give an even number");
}

TEST(Result, TryDoStopsAtTheFailure) {
  int reached = 0;
  EXPECT_FALSE(Both(true, false, reached));
  EXPECT_EQ(reached, 1);
  EXPECT_EQ(Both(true, true, reached).value(), "yes");
  EXPECT_EQ(reached, 3);
}

TEST(Result, TryMovesWhatCanOnlyBeMovedAndAssignsToWhatExists) { EXPECT_EQ(**PassOn(1), 2); }

TEST(Result, FailCarriesAnErrorOn) {
  const Error error{ExitCode::kBusy, "busy", "wait"};
  const Result<void> result = Fail(error);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ExitCode::kBusy);
}

TEST(Result, ErrorWithoutCodeIsInternal) { EXPECT_EQ(Error{}.code, ExitCode::kInternal); }

}  // namespace
}  // namespace lastgood
