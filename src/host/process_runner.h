// SPDX-License-Identifier: MIT
// Running other programs: an argument vector, never a shell string; a deadline; bounded output.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "base/result.h"

namespace lastgood {

struct ProcessRequest {
  std::vector<std::string> argv;  // argv[0] is looked up in PATH
  std::chrono::milliseconds timeout{30'000};
  std::size_t output_bytes_max =
      65536;  // of standard output and of standard error, each; the rest is dropped
};

struct ProcessResult {
  int exit_status = 0;  // 128 + signal number when a signal ended it
  std::string standard_output;
  std::string standard_error;
};

class ProcessRunner {
 public:
  virtual ~ProcessRunner() = default;
  // Fails (kSetupFailed) when the program cannot be started or is still running at the deadline;
  // then its whole process group has been killed and reaped. A non-zero exit status is a result,
  // not a failure. Standard input is empty. The real one: PosixProcessRunner.
  virtual Result<ProcessResult> Run(const ProcessRequest& request) = 0;
};

class Interrupt;

class PosixProcessRunner final : public ProcessRunner {
 public:
  // A person who asks once to stop has the program end by itself, since an installation that is cut
  // in the middle is worse than a wait; who asks twice while it runs has it stopped: kInterrupted.
  explicit PosixProcessRunner(const Interrupt* interrupt = nullptr) : interrupt_(interrupt) {}
  Result<ProcessResult> Run(const ProcessRequest& request) override;

 private:
  const Interrupt* interrupt_;
};

}  // namespace lastgood
