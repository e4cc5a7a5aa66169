// SPDX-License-Identifier: MIT
#include "report/timestamp.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <ctime>

namespace lastgood {

std::string TimestampUtc(WallTime time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  const auto fraction = std::chrono::floor<std::chrono::milliseconds>(time - seconds);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(seconds), fraction.count());
}

std::string TimestampUtcSeconds(WallTime time) {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}",
                     fmt::gmtime(std::chrono::floor<std::chrono::seconds>(time)));
}

std::string TimestampLocal(WallTime time) {
  std::tm local{};
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  localtime_r(&seconds, &local);
  return fmt::format("{:%Y-%m-%d %H:%M:%S}", local);
}

}  // namespace lastgood
