// SPDX-License-Identifier: MIT
// Time, as a seam: only host/ reads a clock or sleeps. Every limit is on the monotonic clock, so a
// stepped wall clock (a Pi without RTC after NTP) never stretches or cuts a wait.
#pragma once

#include <atomic>
#include <chrono>

namespace lastgood {

using TimePoint = std::chrono::steady_clock::time_point;
using WallTime = std::chrono::system_clock::time_point;

class Clock {
 public:
  virtual ~Clock() = default;
  virtual TimePoint Now() const = 0;
  virtual WallTime WallNow() const = 0;
  // Returns at `when` or later; at once when it has passed.
  virtual void SleepUntil(TimePoint when) = 0;
  void SleepFor(std::chrono::nanoseconds duration) { SleepUntil(Now() + duration); }
};

class SystemClock final : public Clock {
 public:
  TimePoint Now() const override;
  WallTime WallNow() const override;
  void SleepUntil(TimePoint when) override;
};

// Sleeping takes no time: it moves Now(). The simulated board lives on it in tests. Threads may
// share it; time then moves on to the latest that any of them waits for.
class VirtualClock final : public Clock {
 public:
  TimePoint Now() const override { return now_; }
  WallTime WallNow() const override {
    return wall_start_ + std::chrono::duration_cast<WallTime::duration>(Now().time_since_epoch());
  }
  void SleepUntil(TimePoint when) override {
    TimePoint now = now_;
    while (now < when && !now_.compare_exchange_weak(now, when)) {
    }
  }

 private:
  std::atomic<TimePoint> now_{TimePoint{}};
  WallTime wall_start_{
      std::chrono::seconds(1793491200)};  // 2026-11-01T00:00:00Z, so that reports are repeatable
};

// A point in time after which a wait gives up.
class Deadline {
 public:
  Deadline(const Clock& clock, std::chrono::nanoseconds limit)
      : clock_(&clock), at_(clock.Now() + limit) {}
  bool Expired() const { return clock_->Now() >= at_; }
  TimePoint At() const { return at_; }
  // Never negative.
  std::chrono::milliseconds Remaining() const {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(at_ - clock_->Now());
    return std::max(left, std::chrono::milliseconds(0));
  }

 private:
  const Clock* clock_;
  TimePoint at_;
};

}  // namespace lastgood
