// SPDX-License-Identifier: MIT
#include "health/health_verdict.h"

#include <fmt/core.h>

namespace lastgood {
namespace {

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

std::string_view HealthName(Health health) {
  switch (health) {
    case Health::kHealthy:
      return "healthy";
    case Health::kWrongVersion:
      return "wrong-version";
    case Health::kBootLoop:
      return "boot-loop";
    case Health::kCrash:
      return "crash";
    case Health::kSilent:
      return "silent";
    case Health::kGarbage:
      return "garbage";
    case Health::kDownloadMode:
      return "download-mode";
    case Health::kBusyProgram:
      return "busy-program";
    case Health::kOtherFirmware:
      return "other-firmware";
    case Health::kCheckFailed:
      break;
  }
  return "check-failed";
}

std::string VerdictName(const HealthVerdict& verdict) {
  const std::string detail = Detail(verdict);
  return detail.empty() ? std::string(HealthName(verdict.health))
                        : fmt::format("{}({})", HealthName(verdict.health), detail);
}

}  // namespace lastgood
