// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>

#include "manifest/manifest.h"
#include "manifest/text_rules.h"

namespace lastgood {
namespace {

constexpr std::size_t kStepsMax = 64;

StepSpec ReadStep(const toml::Table& table, toml::Diagnostics& diagnostics) {
  // Not finished: the keys other than `kind` are known to the kind's own reader.
  toml::TableReader reader(table, "[[step]]", diagnostics);
  StepSpec step;
  step.kind = reader.RequiredString("kind");
  if (!step.kind.empty()) Accept(reader, "kind", WhyNotName(step.kind));
  step.fields = table;
  std::erase(step.fields.order, "kind");
  step.fields.entries.erase("kind");
  step.fields.key_positions.erase("kind");
  step.document = diagnostics.document();
  return step;
}

}  // namespace

std::vector<StepSpec> ReadSteps(toml::TableReader& root, toml::Diagnostics& diagnostics) {
  std::vector<StepSpec> steps;
  for (const toml::Table* table : AtMost(kStepsMax, root.OptionalTables("step"), root, "step"))
    steps.push_back(ReadStep(*table, diagnostics));
  return steps;
}

}  // namespace lastgood
