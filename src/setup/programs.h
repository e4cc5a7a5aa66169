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

// The program that is meant: what `env` starts when it is one of those.
const std::string& ProgramOf(const Argv& argv);

// `argv` with settings of the environment: the C locale, whose texts can be read, and these.
Argv WithEnvironment(const std::vector<std::string>& settings, const Argv& argv);

// kSetupFailed when it can not be started, is too slow, or writes more than can be read.
Result<ProcessResult> RunProgram(ProcessRunner& runner, const Argv& argv,
                                 std::chrono::milliseconds timeout);

// kSetupFailed also when it ends with another status than 0.
Result<void> RunToSuccess(ProcessRunner& runner, const Argv& argv,
                          std::chrono::milliseconds timeout);

// The same for a program of `change.apply`, whose verdicts say what a failure means. While that is
// kBusy it is started again, for as long as the change allows.
Result<void> RunPatiently(ProcessRunner& runner, const Argv& argv, const CommandChange& change);

}  // namespace lastgood
