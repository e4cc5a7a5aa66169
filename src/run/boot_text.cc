// SPDX-License-Identifier: MIT
#include "run/boot_text.h"

#include <fmt/format.h>

#include "health/boot_watch.h"

namespace lastgood {
namespace {

// Why nothing is known of a start.
std::string WhyNot(const Result<BootObservation>& seen) {
  if (!seen) return seen.error().code == ExitCode::kRefused ? "not tried" : seen.error().message;
  if (seen->heard.empty()) return "nothing was heard";
  return seen->log.garbage ? "only noise was heard" : "the ROM was not heard";
}

const BootAttempt* LastAttempt(const Result<BootObservation>& seen) {
  return seen && !seen->log.attempts.empty() ? &seen->log.attempts.back() : nullptr;
}

// Protocol reference, section 12.1; the bits of the mode are the straps of an ESP8266.
std::string_view ModeName(int mode) {
  switch (mode) {
    case 1:
      return "loader";
    case 3:
      return "flash";
    default:
      return mode >= 4 ? "SDIO" : "RAM";
  }
}

std::string_view Level(int mode, int bit) { return (mode & bit) != 0 ? "high" : "low"; }

std::string_view CauseName(int cause) {
  switch (cause) {
    case 1:
      return "power-on reset";
    case 2:
      return "reset by its pin";
    case 3:
      return "reset by its software";
    case 4:
      return "reset by its watchdog";
    default:
      return "";
  }
}

bool IsFamilyLine(const std::string& reset_line) {
  return reset_line.find("boot:0x") != std::string::npos;
}

std::string Sums(const BootAttempt& attempt) {
  if (!attempt.csum) return "";
  if (!attempt.last_chksum) return fmt::format(", csum 0x{:02x}", *attempt.csum);
  if (*attempt.csum == *attempt.last_chksum)
    return fmt::format(", csum 0x{:02x} matches", *attempt.csum);
  return fmt::format(", csum 0x{:02x}, but the image says 0x{:02x}", *attempt.csum,
                     *attempt.last_chksum);
}

}  // namespace

std::string DescribeStraps(const Result<BootObservation>& seen) {
  const BootAttempt* attempt = LastAttempt(seen);
  if (attempt == nullptr) return WhyNot(seen);
  const std::string& line = attempt->reset_line;
  if (IsFamilyLine(line)) return line.substr(line.find("boot:0x"));
  if (attempt->boot_mode < 0) return "not readable";
  const int mode = attempt->boot_mode;
  return fmt::format("{} (GPIO15 {}, GPIO0 {}, GPIO2 {})", ModeName(mode), Level(mode, 4),
                     Level(mode, 2), Level(mode, 1));
}

std::string DescribeBoot(const Result<BootObservation>& seen) {
  const BootAttempt* attempt = LastAttempt(seen);
  if (attempt == nullptr) return WhyNot(seen);
  const BootLog& log = seen->log;
  if (log.looping || BootHasFailed(log)) {
    const std::string& words = log.fault_line.empty() ? attempt->last_words : log.fault_line;
    const std::string fate = log.looping         ? "boot loop"
                             : log.download_mode ? "stays in the loader"
                                                 : std::string(BootFaultName(log.fault));
    return fmt::format("{}, {} {}{}", fate, log.attempts.size(),
                       log.attempts.size() == 1 ? "reset" : "resets",
                       words.empty() ? "" : fmt::format(", \"{}\"", words));
  }
  std::string text = "starts";
  const std::string_view cause =
      IsFamilyLine(attempt->reset_line) ? "" : CauseName(attempt->reset_cause);
  if (!cause.empty()) text += fmt::format(", {}", cause);
  if (!attempt->segments.empty()) text += fmt::format(", {} segments", attempt->segments.size());
  return text + Sums(*attempt);
}

}  // namespace lastgood
