// SPDX-License-Identifier: MIT
// How fast bytes move, smoothed over a few seconds, and how long the rest will take.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "host/clock.h"

namespace lastgood {

class RateMeter {
 public:
  // Fewer bytes than before begin a new measurement: the stage started again.
  void Add(std::uint64_t bytes_done, TimePoint now);
  void Reset() { *this = RateMeter(); }

  // nullopt until there is half a second of measurement.
  std::optional<std::uint64_t> BytesPerSecond() const;
  // nullopt without a rate or a total, when nothing moves, and for more than 99 hours.
  std::optional<std::chrono::seconds> TimeLeft(std::uint64_t bytes_total) const;
  // Since the first Add().
  std::chrono::nanoseconds Elapsed() const { return last_ - first_; }

 private:
  bool started_ = false;
  TimePoint first_;
  TimePoint last_;
  std::uint64_t bytes_done_ = 0;
  double rate_ = 0;  // bytes a second
  bool has_rate_ = false;
};

}  // namespace lastgood
