// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "host/clock.h"

namespace lastgood {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

TEST(DeadlineTest, ExpiresExactlyAtItsTime) {
  VirtualClock clock;
  const Deadline deadline(clock, milliseconds(10));
  clock.SleepFor(milliseconds(10) - nanoseconds(1));
  EXPECT_FALSE(deadline.Expired());
  EXPECT_EQ(deadline.Remaining(), milliseconds(1)) << "a wait of 0 would spin";
  clock.SleepFor(nanoseconds(1));
  EXPECT_TRUE(deadline.Expired());
  EXPECT_EQ(deadline.Remaining(), milliseconds(0));
}

TEST(DeadlineTest, RemainingIsNeverNegative) {
  VirtualClock clock;
  const Deadline deadline(clock, milliseconds(10));
  clock.SleepFor(milliseconds(500));
  EXPECT_EQ(deadline.Remaining(), milliseconds(0));
  EXPECT_EQ(Deadline(clock, milliseconds(-5)).Remaining(), milliseconds(0));
}

}  // namespace
}  // namespace lastgood
