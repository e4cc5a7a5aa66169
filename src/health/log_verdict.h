// SPDX-License-Identifier: MIT
// What a log alone says, with nobody there to ask the board: for captures, and for logs that people
// send.
#pragma once

#include <chrono>

#include "base/bytes.h"
#include "health/health_verdict.h"

namespace lastgood {

// `heard` is what a board said since one reset, `watched` how long that took (0: not known). A
// board whose last words are a prompt is called healthy: that is all that a log can tell.
HealthVerdict JudgeLog(ByteSpan heard, std::chrono::milliseconds watched);

}  // namespace lastgood
