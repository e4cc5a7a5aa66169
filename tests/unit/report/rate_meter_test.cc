// SPDX-License-Identifier: MIT
#include "report/rate_meter.h"

#include <gtest/gtest.h>

#include <chrono>
#include <limits>

namespace lastgood {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class RateMeterTest : public testing::Test {
 protected:
  // Adds `count` blocks of `size` octets, one every `interval`.
  void Move(int count, std::uint64_t size, milliseconds interval) {
    for (int i = 0; i < count; ++i) {
      now_ += interval;
      done_ += size;
      meter_.Add(done_, now_);
    }
  }

  void SetUp() override { meter_.Add(0, now_); }

  RateMeter meter_;
  TimePoint now_{};
  std::uint64_t done_ = 0;
};

TEST_F(RateMeterTest, NothingIsSaidTooEarly) {
  EXPECT_EQ(RateMeter().BytesPerSecond(), std::nullopt);
  Move(4, 1024, milliseconds(100));
  EXPECT_EQ(meter_.BytesPerSecond(), std::nullopt);
  EXPECT_EQ(meter_.TimeLeft(100'000), std::nullopt);
  Move(1, 1024, milliseconds(100));
  EXPECT_TRUE(meter_.BytesPerSecond());
}

TEST_F(RateMeterTest, SteadyRateIsThatRate) {
  Move(100, 1024, milliseconds(100));
  EXPECT_NEAR(static_cast<double>(*meter_.BytesPerSecond()), 10240.0, 1.0);
  EXPECT_EQ(meter_.TimeLeft(done_ + 102'400), seconds(10));
  EXPECT_EQ(meter_.TimeLeft(done_), seconds(0));
}

TEST_F(RateMeterTest, ManyEventsASecondDoNotDisturbIt) {
  Move(10'000, 10, milliseconds(1));
  EXPECT_NEAR(static_cast<double>(*meter_.BytesPerSecond()), 10'000.0, 200.0);
}

TEST_F(RateMeterTest, OneLateBlockDoesNotTurnTheEstimateOver) {
  Move(100, 1024, milliseconds(100));
  Move(1, 1024, milliseconds(500));
  EXPECT_GT(*meter_.BytesPerSecond(), 8000U);
}

TEST_F(RateMeterTest, LowerBaudRateIsFollowed) {
  Move(100, 4096, milliseconds(100));
  Move(100, 1024, milliseconds(100));
  EXPECT_LT(*meter_.BytesPerSecond(), 13'000U);
}

TEST_F(RateMeterTest, FewerBytesThanBeforeBeginANewMeasurement) {
  Move(100, 4096, milliseconds(100));
  done_ = 0;
  Move(1, 0, milliseconds(100));
  EXPECT_EQ(meter_.BytesPerSecond(), std::nullopt);
  Move(100, 1024, milliseconds(100));
  EXPECT_NEAR(static_cast<double>(*meter_.BytesPerSecond()), 10240.0, 1.0);
}

TEST_F(RateMeterTest, NoEstimateWithoutATotalOrWhenNothingMoves) {
  Move(20, 0, milliseconds(100));
  EXPECT_EQ(meter_.BytesPerSecond(), 0U);
  EXPECT_EQ(meter_.TimeLeft(1000), std::nullopt);
  Move(20, 10, milliseconds(100));
  EXPECT_EQ(meter_.TimeLeft(0), std::nullopt);
  EXPECT_EQ(meter_.TimeLeft(5), std::nullopt);  // more is done than there was to do
  EXPECT_EQ(meter_.TimeLeft(std::numeric_limits<std::uint64_t>::max()), std::nullopt);
}

TEST_F(RateMeterTest, HugeNumbersStayFinite) {
  done_ = std::numeric_limits<std::uint64_t>::max() - 10;
  Move(10, 1, milliseconds(100));
  EXPECT_TRUE(meter_.BytesPerSecond());
}

TEST_F(RateMeterTest, TimeThatStandsStillIsNoDivisionByZero) {
  Move(10, 1000, milliseconds(0));
  EXPECT_EQ(meter_.BytesPerSecond(), std::nullopt);
}

}  // namespace
}  // namespace lastgood
