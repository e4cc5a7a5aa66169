// SPDX-License-Identifier: MIT
#include "health/health_verdict.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cstddef>

namespace lastgood {
namespace {

// In the order of the enumeration.
constexpr std::array<std::string_view, 10> kNames = {
    "healthy", "wrong-version", "boot-loop",    "crash",          "silent",
    "garbage", "download-mode", "busy-program", "other-firmware", "check-failed"};

// What tells verdicts of one kind apart; the others are told apart by their cause.
std::string Detail(const HealthVerdict& verdict) {
  switch (verdict.health) {
    case Health::kHealthy:
    case Health::kWrongVersion:
      return verdict.version;
    case Health::kBootLoop:
    case Health::kCrash:
    case Health::kCheckFailed:
      return verdict.cause;
    case Health::kOtherFirmware:
      return verdict.version.empty() ? verdict.firmware
                                     : fmt::format("{} {}", verdict.firmware, verdict.version);
    default:
      return {};
  }
}

}  // namespace

std::string_view HealthName(Health health) { return kNames[static_cast<std::size_t>(health)]; }

std::optional<Health> HealthOfName(std::string_view name) {
  const auto found = std::find(kNames.begin(), kNames.end(), name);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<Health>(found - kNames.begin());
}

std::string VerdictName(const HealthVerdict& verdict) {
  const std::string detail = Detail(verdict);
  return detail.empty() ? std::string(HealthName(verdict.health))
                        : fmt::format("{}({})", HealthName(verdict.health), detail);
}

}  // namespace lastgood
