// SPDX-License-Identifier: MIT
#include "setup/prepare_steps.h"

#include <utility>

namespace lastgood {

Result<PreparedSteps> PrepareSteps(const std::vector<StepSpec>& specs, SetupHost& host) {
  TRY(auto made, MakeSteps(specs, host));
  PreparedSteps prepared;
  for (auto& step : made) prepared.steps.push_back({std::move(step), {}});
  return prepared;
}

}  // namespace lastgood
