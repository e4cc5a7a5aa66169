// SPDX-License-Identifier: MIT
// Programs that exist only in a script; remembers what was run.
#pragma once

#include <chrono>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "host/process_runner.h"

namespace lastgood::test {

struct ScriptedOutcome {
  ProcessResult result;
  std::chrono::milliseconds duration{0};  // one longer than a request's timeout fails like a hang
};

class FakeProcessRunner final : public ProcessRunner {
 public:
  // What running exactly `argv` leads to. Several for the same argv happen in turn; the last stays.
  void Script(std::vector<std::string> argv, ScriptedOutcome outcome = {});
  void Script(std::vector<std::string> argv, int exit_status, std::string standard_error = {});

  // An argv that is not scripted is a program that does not exist.
  Result<ProcessResult> Run(const ProcessRequest& request) override;

  const std::vector<ProcessRequest>& calls() const { return calls_; }

 private:
  std::map<std::vector<std::string>, std::deque<ScriptedOutcome>> script_;
  std::vector<ProcessRequest> calls_;
};

}  // namespace lastgood::test
