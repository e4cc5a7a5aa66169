// SPDX-License-Identifier: MIT
// From what a recipe and a manifest say to steps that can be walked on this host.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "manifest/manifest.h"
#include "setup/setup_host.h"
#include "setup/setup_runner.h"

namespace lastgood {

struct PreparedSteps {
  std::vector<PlannedStep> steps;
  std::vector<std::string> left_out;  // "'boot-config: …': the model is not …"
};

Result<PreparedSteps> PrepareSteps(const std::vector<StepSpec>& specs, SetupHost& host);

}  // namespace lastgood
