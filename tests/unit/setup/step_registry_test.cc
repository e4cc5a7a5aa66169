// SPDX-License-Identifier: MIT
// Mistakes in a [[step]], with their exact messages.
#include <gtest/gtest.h>

#include <string>

#include "manifest/manifest.h"
#include "setup/step.h"
#include "setup_fixture.h"

namespace lastgood {
namespace {

using test::Must;
using test::SpecOf;
using test::SpecsOf;

class StepRegistryTest : public testing::Test {
 protected:
  std::string MistakeIn(const std::string& fields) {
    const auto step = MakeStep(SpecOf("[[step]]\n" + fields + "\n"), host_.host());
    if (step) return "no mistake";
    EXPECT_EQ(step.error().code, ExitCode::kInvalidManifest);
    return step.error().message;
  }

  test::TestHost host_;
};

constexpr const char* kRest = "\ncheck = [\"c\"]\napply = [\"a\"]";

TEST_F(StepRegistryTest, CommandIsAKind) {
  EXPECT_EQ(MistakeIn(std::string("kind = \"command\"\nname = \"n\"") + kRest), "no mistake");
}

TEST_F(StepRegistryTest, SlipOfTheFingersGetsASuggestion) {
  EXPECT_EQ(MistakeIn("kind = \"comand\""),
            "recipe.toml:1:1: error: 'comand' is not a kind of step; did you mean 'command'?\n"
            "   1 | [[step]]\n"
            "     | ^");
}

// Which kinds are listed is not this test's business.
TEST_F(StepRegistryTest, KindOfAnotherVersionIsSaidToBeOne) {
  const std::string mistake = MistakeIn("kind = \"quantum-tunnel\"");
  EXPECT_TRUE(
      mistake.starts_with("recipe.toml:1:1: error: steps of kind 'quantum-tunnel' are not "
                          "known to this version, which knows "))
      << mistake;
  EXPECT_NE(mistake.find("command"), std::string::npos) << mistake;
  EXPECT_TRUE(mistake.ends_with("\n   1 | [[step]]\n     | ^")) << mistake;
}

TEST_F(StepRegistryTest, DependenciesPointToTheirOwnPlace) {
  StepSpec spec;
  spec.kind = "quantum-tunnel";
  spec.document = Must(
      toml::Document::Parse("schema = 1\ndependencies = { quantum-tunnel = [\"x\"] }\n", "m.toml"));
  spec.fields = std::get<toml::Table>(spec.document.root().entries.at("dependencies").data);
  const auto step = MakeStep(spec, host_.host());
  ASSERT_FALSE(step);
  const std::string& mistake = step.error().message;
  EXPECT_TRUE(mistake.starts_with("m.toml:2:18: error: ")) << mistake;
  EXPECT_TRUE(
      mistake.ends_with("\n   2 | dependencies = { quantum-tunnel = [\"x\"] }\n"
                        "     |                  ^"))
      << mistake;
}

TEST_F(StepRegistryTest, FieldsAreCheckedWithTheirPlace) {
  const auto has = [](const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
  };
  const std::pair<std::string, std::string> cases[] = {
      {std::string("kind = \"command\"") + kRest, "name"},
      {"kind = \"command\"\nname = \"n\"\napply = [\"a\"]", "check"},
      {"kind = \"command\"\nname = \"n\"\ncheck = [\"c\"]", "apply"},
      {"kind = \"command\"\nname = \"n\"\ncheck = \"c\"\napply = [\"a\"]",
       "recipe.toml:4:9: error"},
      {"kind = \"command\"\nname = \"n\"\ncheck = []\napply = [\"a\"]", "recipe.toml:4:9: error"},
      {"kind = \"command\"\nname = \"n\"\ncheck = [\"\"]\napply = [\"a\"]",
       "recipe.toml:4:9: error: 'check' must begin with the name of a program"},
      {"kind = \"command\"\nname = \"n\"\ncheck = [\"c\\u0000\"]\napply = [\"a\"]",
       "recipe.toml:4:9: error: 'check' must not contain a NUL character"},
      {std::string("kind = \"command\"\nname = \"n\"\nundo = []") + kRest,
       "recipe.toml:4:8: error: 'undo' must name a program; leave it out when there is none"},
      {std::string("kind = \"command\"\nname = \"n\"\ntimeout_s = 0") + kRest,
       "recipe.toml:4:13: error: 'timeout_s' must be between 1 and 3600, not 0"},
      {std::string("kind = \"command\"\nname = \"n\"\ntimeout_s = 3601") + kRest,
       "recipe.toml:4:13: error: 'timeout_s' must be between 1 and 3600, not 3601"},
      {std::string("kind = \"command\"\nname = \"n\"\ntimeout = 5") + kRest,
       "did you mean 'timeout_s'?"},
      {std::string("kind = \"command\"\nname = \"n\"\nshell = true") + kRest, "'shell'"},
  };
  for (const auto& [fields, part] : cases)
    EXPECT_TRUE(has(MistakeIn(fields), part)) << fields << "\n" << MistakeIn(fields);
}

TEST_F(StepRegistryTest, AllStepsAreMadeInOrder) {
  const auto steps = Must(MakeSteps(
      SpecsOf("[[step]]\nkind = \"command\"\nname = \"one\"\ncheck = [\"c\"]\napply = [\"a\"]\n"
              "[[step]]\nkind = \"command\"\nname = \"two\"\ncheck = [\"c\"]\napply = [\"a\"]\n"),
      host_.host()));
  ASSERT_EQ(steps.size(), 2U);
  EXPECT_EQ(steps[0]->Describe(), "command: one");
  EXPECT_EQ(steps[1]->Describe(), "command: two");
  EXPECT_TRUE(Must(MakeSteps({}, host_.host())).empty());
}

TEST_F(StepRegistryTest, MistakesOfAllStepsAreSaidAtOnce) {
  const auto steps = MakeSteps(SpecsOf("[[step]]\nkind = \"x\"\n[[step]]\nkind = \"command\"\n"
                                       "[[step]]\nkind = \"y\"\n"),
                               host_.host());
  ASSERT_FALSE(steps);
  EXPECT_EQ(steps.error().code, ExitCode::kInvalidManifest);
  for (const char* part : {"recipe.toml:1:1: ", "recipe.toml:3:1: ", "recipe.toml:5:1: "})
    EXPECT_NE(steps.error().message.find(part), std::string::npos) << steps.error().message;
}

}  // namespace
}  // namespace lastgood
