// SPDX-License-Identifier: MIT
// The verdict on what a capture, or a log that a person sent, says of a board. A health check that
// was captured is done again, on the board's words of then and in no time; where that does not go,
// and where nobody checked, the log alone is judged.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "capture/capture_text.h"
#include "health/health_verdict.h"

namespace lastgood {

// One start of the firmware, and what came of it.
struct ReplayedStart {
  std::chrono::microseconds at{0};  // of the check, or of the reset; 0 in a plain log
  HealthVerdict verdict;
  bool checked_again = false;  // else judged by the log alone
  std::string recorded;        // the verdict's name in the capture; empty: it has none
  std::string trouble;         // why a check could not be done again; else empty
};

// Every start in the capture, in order: at least one. A reset into the firmware without a check is
// one when the board said something then. `name` is what messages call the capture.
// kInvalidManifest when what it says of a check can not be read.
Result<std::vector<ReplayedStart>> ReplayCapture(const Capture& capture, const std::string& name);

// The same of a file's content, which may also be a log as a terminal program saved it: what one
// board said since one reset, with or without a head (JudgeLog).
Result<std::vector<ReplayedStart>> ReplayRecording(ByteSpan content, const std::string& name);

}  // namespace lastgood
