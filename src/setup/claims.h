// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <vector>

#include "base/result.h"
#include "manifest/manifest.h"
#include "setup/step.h"

namespace lastgood {

// `steps` were made from `specs`, one from each. kInvalidManifest with all mistakes, each with both
// places: two steps that want the same thing to be different, and may both be for one host.
Result<void> CheckClaims(const std::vector<StepSpec>& specs,
                         const std::vector<std::unique_ptr<Step>>& steps);

}  // namespace lastgood
