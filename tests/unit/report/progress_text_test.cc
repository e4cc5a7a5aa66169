// SPDX-License-Identifier: MIT
#include "report/progress_text.h"

#include <gtest/gtest.h>

#include <chrono>
#include <limits>
#include <string>

#include "report/display_text.h"

namespace lastgood {
namespace {

using std::chrono::seconds;

constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();

// Ten seconds at 10,000 octets a second.
RateMeter Steady() {
  RateMeter meter;
  for (int i = 0; i <= 10; ++i)
    meter.Add(static_cast<std::uint64_t>(i) * 10'000, TimePoint(seconds(i)));
  return meter;
}

TEST(Percent, IsRoundedDownAndBounded) {
  EXPECT_EQ(Percent({"flash", 0, 100}), 0);
  EXPECT_EQ(Percent({"flash", 50, 100}), 50);
  EXPECT_EQ(Percent({"flash", 999'999, 1'000'000}), 99);
  EXPECT_EQ(Percent({"flash", 100, 100}), 100);
  EXPECT_EQ(Percent({"flash", kMax - 1, kMax}), 99);
  EXPECT_EQ(Percent({"flash", kMax, kMax}), 100);
}

TEST(Percent, OfNothingSensibleIsNone) {
  EXPECT_EQ(Percent({"fetch", 10, 0}), -1);
  EXPECT_EQ(Percent({"fetch", 0, 0}), -1);
  EXPECT_EQ(Percent({"fetch", 11, 10}), -1);
}

TEST(TimeLeft, IsAsCoarseAsItIsFar) {
  EXPECT_EQ(FormatTimeLeft(seconds(0)), "0 s");
  EXPECT_EQ(FormatTimeLeft(seconds(99)), "99 s");
  EXPECT_EQ(FormatTimeLeft(seconds(100)), "2 min");
  EXPECT_EQ(FormatTimeLeft(seconds(5999)), "100 min");
  EXPECT_EQ(FormatTimeLeft(seconds(6000)), "2 h");
}

TEST(ProgressBar, ShowsEverythingWhenThereIsRoom) {
  EXPECT_EQ(ProgressBar({"flash", 100'000, 200'000}, Steady(), 100),
            "[##########..........]  50 %  100 KB of 200 KB  10 KB/s  10 s left");
}

TEST(ProgressBar, GetsShorterAndDropsTheLeastImportant) {
  const ProgressEvent event{"flash", 100'000, 200'000};
  EXPECT_EQ(ProgressBar(event, Steady(), 54),
            "[####....]  50 %  100 KB of 200 KB  10 KB/s  10 s left");
  EXPECT_EQ(ProgressBar(event, Steady(), 50), "50 %  100 KB of 200 KB  10 KB/s  10 s left");
  EXPECT_EQ(ProgressBar(event, Steady(), 40), "50 %  100 KB of 200 KB  10 KB/s");
  EXPECT_EQ(ProgressBar(event, Steady(), 22), "50 %  100 KB of 200 KB");
  EXPECT_EQ(ProgressBar(event, Steady(), 10), "50 %");
  EXPECT_EQ(ProgressBar(event, Steady(), 3), "");
}

TEST(ProgressBar, NeverExceedsItsWidth) {
  for (const ProgressEvent& event :
       {ProgressEvent{"s", 0, 0}, ProgressEvent{"s", 1, 3}, ProgressEvent{"s", kMax, kMax},
        ProgressEvent{"s", kMax, 1}, ProgressEvent{"s", 123'456, 0}}) {
    for (std::size_t width = 0; width < 120; ++width)
      EXPECT_LE(DisplayWidth(ProgressBar(event, Steady(), width)), width);
  }
}

TEST(ProgressBar, WithoutATotalHasNoBar) {
  EXPECT_EQ(ProgressBar({"fetch", 100'000, 0}, Steady(), 80), "100 KB  10 KB/s");
}

TEST(ProgressBar, IsFullAtTheEnd) {
  EXPECT_EQ(ProgressBar({"flash", 100'000, 100'000}, RateMeter(), 60),
            "[####################]  100 %  100 KB of 100 KB");
}

}  // namespace
}  // namespace lastgood
