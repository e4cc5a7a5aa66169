// SPDX-License-Identifier: MIT
#include "host/clock.h"

#include <thread>

namespace lastgood {

TimePoint SystemClock::Now() const { return std::chrono::steady_clock::now(); }
WallTime SystemClock::WallNow() const { return std::chrono::system_clock::now(); }
void SystemClock::SleepUntil(TimePoint when) { std::this_thread::sleep_until(when); }

}  // namespace lastgood
