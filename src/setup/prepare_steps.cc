// SPDX-License-Identifier: MIT
#include "setup/prepare_steps.h"

#include <fmt/format.h>

#include <memory>
#include <optional>
#include <utility>

#include "setup/conditions.h"
#include "setup/step.h"

namespace lastgood {

Result<PreparedSteps> PrepareSteps(const std::vector<OrderedStep>& ordered, SetupHost& host) {
  TRY(std::vector<std::unique_ptr<Step>> made, MakeSteps(SpecsOf(ordered), host));
  PreparedSteps prepared;
  std::vector<std::optional<std::size_t>> places;  // in prepared.steps, of those that are there
  for (std::size_t i = 0; i < ordered.size(); ++i) {
    const std::string name = made[i]->Describe();
    TRY(const std::optional<std::string> why_not, WhyNotForHost(ordered[i].spec.when, host, name));
    if (why_not) {
      places.push_back(std::nullopt);
      prepared.left_out.push_back(fmt::format("'{}': {}", name, *why_not));
      continue;
    }
    PlannedStep step{std::move(made[i]), {}};
    for (const std::size_t need : ordered[i].needs)
      if (places[need]) step.needs.push_back(*places[need]);
    places.push_back(prepared.steps.size());
    prepared.steps.push_back(std::move(step));
  }
  return prepared;
}

}  // namespace lastgood
