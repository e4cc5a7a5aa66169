// SPDX-License-Identifier: MIT
// What a run will do, as a value: manifest and recipe joined and checked against each other.
// Printing it is the dry run.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "manifest/manifest.h"
#include "recipe/recipe.h"

namespace lastgood {

struct Plan {
  Manifest manifest;
  Recipe recipe;
  std::vector<OrderedStep> steps;  // the recipe's, then the manifest's, each behind what it needs
};

// kInvalidManifest when the two do not fit together: another chip, or steps that can not be put in
// order (plan/step_order.h).
Result<Plan> MakePlan(Manifest manifest, Recipe recipe);

}  // namespace lastgood
