// SPDX-License-Identifier: MIT
// A verdict on a board for people and for programs (docs/events.md).
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "base/exit_code.h"
#include "health/health_verdict.h"

namespace lastgood {

// A verdict with where it comes from.
struct ToldVerdict {
  std::string source;  // the serial device, or the file
  std::string how;     // "checked", "replayed" or "read"
  HealthVerdict verdict;
  std::chrono::milliseconds elapsed{0};
  std::size_t start = 1;  // which one in the capture, of how many
  std::size_t starts = 1;
  std::string recorded{};              // as of ReplayedStart
  std::string trouble{};               // the same
  std::vector<std::string> remarks{};  // for people

  ExitCode code() const { return verdict.good() ? ExitCode::kDone : ExitCode::kBoard; }
};

// The lines below that of the stage.
std::vector<std::string> DetailsOf(const ToldVerdict& told);

// The event "verdict": a line without its end.
std::string JsonOf(const ToldVerdict& told);

}  // namespace lastgood
