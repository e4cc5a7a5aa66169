// SPDX-License-Identifier: MIT
#include "report/rate_meter.h"

#include <algorithm>
#include <cmath>

namespace lastgood {
namespace {

using Seconds = std::chrono::duration<double>;

// Long enough to be calm while blocks of 1 to 16 KB arrive one by one, short enough to follow a
// change of the baud rate.
constexpr Seconds kTimeConstant{3.0};
constexpr Seconds kSampleMin{0.1};
constexpr Seconds kWarmUp{0.5};
constexpr double kRateMax = 1e18;  // fits into 64 bits
constexpr double kSecondsLeftMax = 99.0 * 3600.0;

}  // namespace

void RateMeter::Add(std::uint64_t bytes_done, TimePoint now) {
  if (started_ && bytes_done < bytes_done_) Reset();
  if (!started_) {
    started_ = true;
    first_ = last_ = now;
    bytes_done_ = bytes_done;
    return;
  }
  const Seconds interval = now - last_;
  if (interval < kSampleMin) return;
  const double current = static_cast<double>(bytes_done - bytes_done_) / interval.count();
  const double weight = 1.0 - std::exp(-interval / kTimeConstant);
  rate_ = has_rate_ ? rate_ + weight * (current - rate_) : current;
  has_rate_ = true;
  bytes_done_ = bytes_done;
  last_ = now;
}

std::optional<std::uint64_t> RateMeter::BytesPerSecond() const {
  if (!has_rate_ || Elapsed() < kWarmUp) return std::nullopt;
  return static_cast<std::uint64_t>(std::min(rate_, kRateMax));
}

std::optional<std::chrono::seconds> RateMeter::TimeLeft(std::uint64_t bytes_total) const {
  if (!BytesPerSecond() || bytes_total == 0 || bytes_total < bytes_done_) return std::nullopt;
  const double left = static_cast<double>(bytes_total - bytes_done_);
  if (left > rate_ * kSecondsLeftMax) return std::nullopt;
  if (left == 0) return std::chrono::seconds(0);
  return std::chrono::seconds(static_cast<std::int64_t>(std::ceil(left / rate_)));
}

}  // namespace lastgood
