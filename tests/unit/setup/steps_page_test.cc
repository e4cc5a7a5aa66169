// SPDX-License-Identifier: MIT
// docs/steps.md: every example is a step of the kind under whose heading it stands.
#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "setup_fixture.h"

namespace lastgood {
namespace {

using Example = std::pair<std::string, std::string>;  // heading, TOML

std::vector<Example> ExamplesOf(const std::string& page) {
  std::vector<Example> examples;
  std::istringstream lines(page);
  std::string heading;
  bool is_inside = false;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("## `")) heading = line.substr(4, line.size() - 5);
    if (is_inside && line == "```") is_inside = false;
    if (is_inside) examples.back().second += line + "\n";
    if (line == "```toml") {
      is_inside = true;
      examples.emplace_back(heading, "");
    }
  }
  return examples;
}

TEST(StepsPageTest, EveryExampleIsAStepOfItsKind) {
  const auto page = std::filesystem::path(LASTGOOD_SOURCE_DIR) / "docs/steps.md";
  const std::vector<Example> examples = ExamplesOf(test::ReadText(page));
  EXPECT_FALSE(examples.empty());
  test::TestHost host;
  for (const auto& [heading, text] : examples) {
    const std::vector<StepSpec> specs = test::SpecsOf(text);
    ASSERT_FALSE(specs.empty()) << heading;
    EXPECT_EQ(specs[0].kind, heading);
    const auto steps = MakeSteps(specs, host.host());
    EXPECT_TRUE(steps) << steps.error().message;
  }
}

}  // namespace
}  // namespace lastgood
