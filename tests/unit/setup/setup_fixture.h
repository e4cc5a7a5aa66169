// SPDX-License-Identifier: MIT
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "setup/setup_runner.h"
#include "setup/step.h"
#include "toml/document.h"

namespace lastgood::test {

// The value of a Result that must be one.
template <class T>
T Must(Result<T> result) {
  if (!result) ADD_FAILURE() << result.error().message;
  return std::move(result).value();
}

// What a manifest's parser hands on for one [[step]].
inline std::vector<StepSpec> SpecsOf(const std::string& text) {
  const toml::Document document = Must(toml::Document::Parse(text, "recipe.toml"));
  std::vector<StepSpec> specs;
  for (const toml::Value& value : std::get<toml::Array>(document.root().entries.at("step").data)) {
    StepSpec spec{"", std::get<toml::Table>(value.data), document};
    spec.kind = std::get<std::string>(spec.fields.entries.at("kind").data);
    spec.fields.entries.erase("kind");
    std::erase(spec.fields.order, "kind");
    spec.fields.key_positions.erase("kind");
    specs.push_back(std::move(spec));
  }
  return specs;
}

inline StepSpec SpecOf(const std::string& text) { return SpecsOf(text).at(0); }

// Remembers what it was told, and fails on request.
class RecordingObserver final : public SetupObserver {
 public:
  Result<void> BeforeApply(std::size_t index, const Step& step) override {
    if (fail_at == static_cast<int>(index)) return Fail(ExitCode::kInternal, "disk full");
    told.push_back(std::to_string(index) + " " + step.Describe());
    indices.push_back(index);
    return {};
  }
  std::vector<std::string> told;
  std::vector<std::size_t> indices;
  int fail_at = -1;
};

}  // namespace lastgood::test
