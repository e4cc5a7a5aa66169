// SPDX-License-Identifier: MIT
// In which order steps are done: as they are written, but each behind the steps that it needs.
//
// A step is called by its `name`; one without a name by its kind, when no other is called so.
#pragma once

#include <vector>

#include "base/result.h"
#include "manifest/manifest.h"

namespace lastgood {

// Always the first, as `written`, of those whose needs are there already. kInvalidManifest with all
// mistakes, each with its place: a name that two steps have, one that no step has, needs that go
// round in a circle.
Result<std::vector<OrderedStep>> OrderSteps(const std::vector<StepSpec>& written);

}  // namespace lastgood
