// SPDX-License-Identifier: MIT
// Walks a list of steps: check → (tell the observer) → apply → check again. Whatever fails, the
// steps that this walk applied are undone, newest first, and the failure says so.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "host/interrupt.h"
#include "setup/step.h"

namespace lastgood {

class SetupObserver {
 public:
  virtual ~SetupObserver() = default;
  // Just before steps[index] changes the host: the place to store that it is about to. A failure
  // stops the walk before the change.
  virtual Result<void> BeforeApply(std::size_t index, const Step& step) = 0;
};

struct SetupSummary {
  std::size_t done_already = 0;
  std::size_t changed = 0;
  std::vector<std::string> names;  // Describe() of the changed steps, in order
};

// Leaves the steps' list as it is. kSetupFailed "…; undone", or naming what could not be undone;
// kInterrupted and an observer's failure keep their code and are undone just the same.
Result<SetupSummary> RunSteps(std::vector<std::unique_ptr<Step>>& steps, SetupObserver& observer,
                              const Interrupt& interrupt);

// Undoes steps[i] for each i of `applied`, last first: the indices that BeforeApply was told in
// this run, also when power failed in between. Goes on after a failure; kSetupFailed names every
// step that could not be undone. An index past the end is ignored.
Result<void> UndoSteps(std::vector<std::unique_ptr<Step>>& steps,
                       const std::vector<std::size_t>& applied);

}  // namespace lastgood
