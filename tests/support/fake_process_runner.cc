// SPDX-License-Identifier: MIT
#include "support/fake_process_runner.h"

#include <fmt/format.h>

#include <utility>

namespace lastgood::test {

void FakeProcessRunner::Script(std::vector<std::string> argv, ScriptedOutcome outcome) {
  script_[std::move(argv)].push_back(std::move(outcome));
}

void FakeProcessRunner::Script(std::vector<std::string> argv, int exit_status,
                               std::string standard_error) {
  Script(std::move(argv), ScriptedOutcome{{exit_status, {}, std::move(standard_error)}, {}});
}

Result<ProcessResult> FakeProcessRunner::Run(const ProcessRequest& request) {
  calls_.push_back(request);
  const auto scripted = script_.find(request.argv);
  if (scripted == script_.end())
    return Fail(ExitCode::kSetupFailed,
                fmt::format("cannot run '{}': not in the script", fmt::join(request.argv, " ")));
  std::deque<ScriptedOutcome>& outcomes = scripted->second;
  ScriptedOutcome outcome = outcomes.front();
  if (outcomes.size() > 1) outcomes.pop_front();
  if (outcome.duration > request.timeout)
    return Fail(ExitCode::kSetupFailed,
                fmt::format("'{}' was still running and was stopped", request.argv[0]));
  for (std::string* text : {&outcome.result.standard_output, &outcome.result.standard_error})
    if (text->size() > request.output_bytes_max) text->resize(request.output_bytes_max);
  return outcome.result;
}

}  // namespace lastgood::test
