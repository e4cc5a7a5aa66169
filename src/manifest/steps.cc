// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "manifest/host_conditions.h"
#include "manifest/manifest.h"
#include "manifest/text_rules.h"

namespace lastgood {
namespace {

constexpr std::size_t kStepsMax = 64;

// The keys of every kind, taken out of the fields that the kind's own reader knows.
constexpr std::array<std::string_view, 4> kCommonKeys = {"kind", "name", "needs", "when"};

void TakeNeeds(toml::TableReader& reader, const toml::Table& table, StepSpec& step) {
  const std::vector<std::string> names = reader.OptionalStrings("needs");
  Accept(reader, "needs", WhyNotList(names, kStepsMax));
  const auto value = table.entries.find("needs");
  if (value == table.entries.end()) return;
  const auto* array = std::get_if<toml::Array>(&value->second.data);
  for (std::size_t i = 0; array != nullptr && i < names.size() && i < array->size(); ++i)
    step.needs.push_back({names[i], (*array)[i].position});
}

StepSpec ReadStep(const toml::Table& table, toml::Diagnostics& diagnostics) {
  // Not finished: the other keys are known to the kind's own reader.
  toml::TableReader reader(table, "[[step]]", diagnostics);
  StepSpec step;
  step.kind = reader.RequiredString("kind");
  if (!step.kind.empty()) Accept(reader, "kind", WhyNotName(step.kind));
  step.name = reader.OptionalString("name").value_or("");
  step.name_position = reader.PositionOf("name");
  if (reader.Has("name")) Accept(reader, "name", WhyNotName(step.name));
  TakeNeeds(reader, table, step);
  if (const toml::Table* when = reader.OptionalTable("when"))
    step.when = ReadConditions(*when, diagnostics);
  step.fields = table;
  for (const std::string_view key : kCommonKeys) {
    std::erase(step.fields.order, key);
    if (const auto entry = step.fields.entries.find(key); entry != step.fields.entries.end())
      step.fields.entries.erase(entry);
    if (const auto at = step.fields.key_positions.find(key); at != step.fields.key_positions.end())
      step.fields.key_positions.erase(at);
  }
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

std::vector<StepSpec> SpecsOf(const std::vector<OrderedStep>& steps) {
  std::vector<StepSpec> specs;
  for (const OrderedStep& step : steps) specs.push_back(step.spec);
  return specs;
}

}  // namespace lastgood
