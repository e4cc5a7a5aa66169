// SPDX-License-Identifier: MIT
// Running a step's programs, and putting into words how they ended.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/result.h"
#include "host/process_runner.h"
#include "setup/change.h"

namespace lastgood {

// 128 + signal number and more: it did not end by itself.
constexpr int kFirstSignalStatus = 129;

// "failed with exit status 2: no such unit", with the last line that the program wrote.
std::string HowItEnded(const ProcessResult& result);

// `action` completes "cannot …": "apply", "tell which packages are there". kSetupFailed when it
// can not be started, is too slow, or ends with another status than 0.
Result<ProcessResult> RunProgram(ProcessRunner& runner, const Argv& argv,
                                 std::chrono::milliseconds timeout);
Result<void> RunToSuccess(ProcessRunner& runner, const Argv& argv,
                          std::chrono::milliseconds timeout);

}  // namespace lastgood
