// SPDX-License-Identifier: MIT
// What every Clock promises.
#include <gtest/gtest.h>

#include "host/clock.h"

namespace lastgood {
namespace {

using std::chrono::milliseconds;

template <class T>
class ClockContract : public testing::Test {
 protected:
  T clock_;
};

using Clocks = testing::Types<SystemClock, VirtualClock>;
TYPED_TEST_SUITE(ClockContract, Clocks);

TYPED_TEST(ClockContract, NowNeverGoesBack) {
  TimePoint last = this->clock_.Now();
  for (int i = 0; i < 1000; ++i) {
    const TimePoint now = this->clock_.Now();
    EXPECT_GE(now, last);
    last = now;
  }
}

TYPED_TEST(ClockContract, SleepReturnsAtItsTimeOrLater) {
  const TimePoint when = this->clock_.Now() + milliseconds(3);
  this->clock_.SleepUntil(when);
  EXPECT_GE(this->clock_.Now(), when);
  const TimePoint before = this->clock_.Now();
  this->clock_.SleepFor(milliseconds(2));
  EXPECT_GE(this->clock_.Now() - before, milliseconds(2));
}

TYPED_TEST(ClockContract, SleepingUntilThePastReturnsAndTurnsNothingBack) {
  this->clock_.SleepFor(milliseconds(1));
  const TimePoint before = this->clock_.Now();
  this->clock_.SleepUntil(before - milliseconds(1));
  this->clock_.SleepUntil(TimePoint::min());
  this->clock_.SleepFor(milliseconds(-50));
  EXPECT_GE(this->clock_.Now(), before);
}

TYPED_TEST(ClockContract, WallTimeIsAPlausibleDateAndPasses) {
  const WallTime first = this->clock_.WallNow();
  EXPECT_GT(first.time_since_epoch(), std::chrono::hours(24 * 365 * 30));
  this->clock_.SleepFor(milliseconds(3));
  EXPECT_GE(this->clock_.WallNow(), first);
}

}  // namespace
}  // namespace lastgood
