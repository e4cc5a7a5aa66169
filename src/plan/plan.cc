// SPDX-License-Identifier: MIT
#include "plan/plan.h"

#include <fmt/format.h>

#include <utility>

namespace lastgood {

Result<Plan> MakePlan(Manifest manifest, Recipe recipe) {
  if (manifest.firmware.chip != recipe.board.chip) {
    return Fail(
        ExitCode::kInvalidManifest,
        fmt::format("manifest '{}' is for {}, recipe '{}' for {}", manifest.name,
                    ChipTitle(manifest.firmware.chip), recipe.name, ChipTitle(recipe.board.chip)),
        "use a recipe for the same chip");
  }
  Plan plan{std::move(manifest), std::move(recipe), {}};
  plan.steps = plan.recipe.steps;
  plan.steps.insert(plan.steps.end(), plan.manifest.steps.begin(), plan.manifest.steps.end());
  return plan;
}

}  // namespace lastgood
