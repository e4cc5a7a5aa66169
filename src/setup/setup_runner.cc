// SPDX-License-Identifier: MIT
#include "setup/setup_runner.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>

namespace lastgood {
namespace {

using Steps = std::vector<std::unique_ptr<Step>>;

// Applied, as far as anybody knows: a step whose apply failed may have done half of it.
struct SetupWalk {
  std::vector<std::size_t> applied;
  SetupSummary summary;
};

Result<void> ApplyAndCheck(Step& step) {
  TRY_DO(step.Apply());
  TRY(const bool done, step.IsDone());
  if (done) return {};
  return Fail(ExitCode::kSetupFailed,
              fmt::format("'{}' was applied, but its check still says no", step.Describe()),
              "its check and its apply do not fit together, or the change needs a reboot");
}

Result<void> WalkStep(Steps& steps, std::size_t index, SetupObserver& observer, SetupWalk& walk) {
  Step& step = *steps[index];
  TRY(const bool done, step.IsDone());
  if (done) {
    ++walk.summary.done_already;
    return {};
  }
  TRY_DO(observer.BeforeApply(index, step));
  walk.applied.push_back(index);
  TRY_DO(ApplyAndCheck(step));
  ++walk.summary.changed;
  walk.summary.names.push_back(step.Describe());
  return {};
}

Result<void> WalkAll(Steps& steps, SetupObserver& observer, const Interrupt& interrupt,
                     SetupWalk& walk) {
  for (std::size_t index = 0; index < steps.size(); ++index) {
    TRY_DO(interrupt.Check());
    TRY_DO(WalkStep(steps, index, observer, walk));
  }
  return {};
}

}  // namespace

Result<SetupSummary> RunSteps(Steps& steps, SetupObserver& observer, const Interrupt& interrupt) {
  SetupWalk walk;
  auto walked = WalkAll(steps, observer, interrupt, walk);
  if (walked) return std::move(walk.summary);
  Error failure = std::move(walked).error();
  if (walk.applied.empty()) {
    failure.message += "; nothing was changed";
    return Fail(std::move(failure));
  }
  const auto undone = UndoSteps(steps, walk.applied);
  failure.message += undone ? "; undone" : fmt::format("; {}", undone.error().message);
  return Fail(std::move(failure));
}

Result<void> UndoSteps(Steps& steps, const std::vector<std::size_t>& applied) {
  std::vector<std::string> left;
  for (auto index = applied.rbegin(); index != applied.rend(); ++index) {
    if (*index >= steps.size()) continue;
    if (auto undone = steps[*index]->Undo(); !undone) left.push_back(undone.error().message);
  }
  if (left.empty()) return {};
  return Fail(ExitCode::kSetupFailed, fmt::format("not undone: {}", fmt::join(left, ", ")),
              "undo by hand what is named here");
}

}  // namespace lastgood
