// SPDX-License-Identifier: MIT
#include "plan/plan.h"

#include <fmt/format.h>

#include <utility>

#include "plan/step_order.h"

namespace lastgood {

Result<Plan> MakePlan(Manifest manifest, Recipe recipe) {
  if (manifest.firmware.chip != recipe.board.chip) {
    return Fail(
        ExitCode::kInvalidManifest,
        fmt::format("manifest '{}' is for {}, recipe '{}' for {}", manifest.name,
                    ChipTitle(manifest.firmware.chip), recipe.name, ChipTitle(recipe.board.chip)),
        "use a recipe for the same chip");
  }
  std::vector<StepSpec> steps = recipe.steps;
  steps.insert(steps.end(), manifest.steps.begin(), manifest.steps.end());
  TRY(std::vector<OrderedStep> ordered, OrderSteps(steps));
  return Plan{std::move(manifest), std::move(recipe), std::move(ordered)};
}

}  // namespace lastgood
