// SPDX-License-Identifier: MIT
// One idempotent change of the host: check → apply → check again, and undo. A new kind of step is
// one new file and one line in setup/step_registry.cc.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "host/process_runner.h"
#include "recipe/recipe.h"

namespace lastgood {

class Step {
 public:
  virtual ~Step() = default;
  virtual std::string Describe() const = 0;  // "command: install-udev-rule"
  virtual Result<bool> IsDone() = 0;         // changes nothing
  virtual Result<void> Apply() = 0;
  // Brings back what Apply changed. Safe to call when Apply was cut in the middle.
  virtual Result<void> Undo() = 0;
  virtual bool CanUndo() const = 0;
  // What the plan shows: command lines or a diff.
  virtual std::vector<std::string> Preview() const = 0;
};

// kInvalidManifest with the place for an unknown kind ("did you mean") or wrong fields. `runner`
// must outlive the step.
Result<std::unique_ptr<Step>> MakeStep(const StepSpec& spec, ProcessRunner& runner);
Result<std::vector<std::unique_ptr<Step>>> MakeSteps(const std::vector<StepSpec>& specs,
                                                     ProcessRunner& runner);

}  // namespace lastgood
