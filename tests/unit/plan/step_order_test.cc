// SPDX-License-Identifier: MIT
#include "plan/step_order.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "plan/plan.h"

namespace lastgood {
namespace {

// The steps of a recipe, as its parser hands them on.
std::vector<StepSpec> Steps(const std::string& text, const std::string& name = "r.toml") {
  auto document = toml::Document::Parse(text, name);
  EXPECT_TRUE(document) << document.error().message;
  toml::Diagnostics mistakes(*std::move(document));
  toml::TableReader root(mistakes.document().root(), "the recipe", mistakes);
  std::vector<StepSpec> steps = ReadSteps(root, mistakes);
  EXPECT_TRUE(mistakes.empty()) << mistakes.ToResult().error().message;
  return steps;
}

// One step a word: "c:a,b" is a step named c that needs a and b.
std::vector<StepSpec> Written(const std::string& words) {
  std::string text;
  for (std::size_t at = 0; at < words.size();) {
    const std::string word = words.substr(at, words.find(' ', at) - at);
    at += word.size() + 1;
    const std::string name = word.substr(0, word.find(':'));
    text += "[[step]]\nkind = 'command'\nname = '" + name + "'\nneeds = [";
    for (std::size_t need = name.size() + 1; need < word.size();) {
      const std::string one = word.substr(need, word.find(',', need) - need);
      need += one.size() + 1;
      text += "'" + one + "', ";
    }
    text += "]\n";
  }
  return Steps(text);
}

// The same, in their order: needs as indices.
std::string Ordered(const std::string& words) {
  const auto steps = OrderSteps(Written(words));
  if (!steps) return steps.error().message;
  std::string text;
  for (const OrderedStep& step : *steps) {
    text += (text.empty() ? "" : " ") + step.spec.name;
    for (std::size_t i = 0; i < step.needs.size(); ++i)
      text += (i == 0 ? ":" : ",") + std::to_string(step.needs[i]);
  }
  return text;
}

std::string MistakeIn(const std::vector<StepSpec>& written) {
  const auto steps = OrderSteps(written);
  if (steps) return "no mistake";
  EXPECT_EQ(steps.error().code, ExitCode::kInvalidManifest);
  return steps.error().message;
}

TEST(StepOrder, StaysAsWrittenButForNeeds) {
  struct Case {
    const char* written;
    const char* ordered;
  };
  const Case cases[] = {
      {"a b c", "a b c"},
      {"a b:a c:b", "a b:0 c:1"},
      {"a:c b c", "b c a:1"},
      {"a:b b:c c d", "c b:0 a:1 d"},
      {"a:b,c b c d", "b c a:0,1 d"},
      {"a:c,b b c d", "b c a:1,0 d"},
      {"d:c,b c:a b:a a", "a c:0 b:0 d:1,2"},
  };
  for (const Case& row : cases) EXPECT_EQ(Ordered(row.written), row.ordered) << row.written;
}

TEST(StepOrder, CirclesAreNamedAtTheNeedThatBeginsThem) {
  EXPECT_EQ(MistakeIn(Written("a:b b:a")),
            "r.toml:4:10: error: a needs b needs a\n"
            "   4 | needs = ['b', ]\n"
            "     |          ^");
  EXPECT_EQ(MistakeIn(Written("a:a")),
            "r.toml:4:10: error: a needs a\n"
            "   4 | needs = ['a', ]\n"
            "     |          ^");
  // `x` waits for the circle and is none of it; `y` is done before.
  EXPECT_EQ(MistakeIn(Written("x:a a:y,b b:c c:a y")),
            "r.toml:8:15: error: a needs b needs c needs a\n"
            "   8 | needs = ['y', 'b', ]\n"
            "     |               ^");
}

TEST(StepOrder, UnknownNamesAreMistakesOfTheirPlace) {
  EXPECT_EQ(MistakeIn(Written("uart console:uarts,zzz")),
            "r.toml:8:10: error: no step is named 'uarts'; did you mean 'uart'?\n"
            "   8 | needs = ['uarts', 'zzz', ]\n"
            "     |          ^\n"
            "r.toml:8:19: error: no step is named 'zzz'\n"
            "   8 | needs = ['uarts', 'zzz', ]\n"
            "     |                   ^");
}

TEST(StepOrder, NameTwiceIsAMistakeAtTheSecond) {
  std::vector<StepSpec> steps = Steps("[[step]]\nkind = 'group'\nname = 'x'\n", "base.toml");
  for (StepSpec& step : Steps("\n[[step]]\nname = 'x'\nkind = 'file'\nneeds = ['x']\n"))
    steps.push_back(std::move(step));
  EXPECT_EQ(MistakeIn(steps),
            "r.toml:3:8: error: another step is named 'x' already, at base.toml:3\n"
            "   3 | name = 'x'\n"
            "     |        ^");
}

TEST(StepOrder, NamelessStepIsCalledByItsKind) {
  const auto steps =
      OrderSteps(Steps("[[step]]\nkind = 'file'\nneeds = ['apt']\n[[step]]\nkind = 'apt'\n"));
  ASSERT_TRUE(steps) << steps.error().message;
  EXPECT_EQ(steps->at(0).spec.kind, "apt");
  EXPECT_EQ(steps->at(1).needs, std::vector<std::size_t>{0});
}

TEST(StepOrder, StepThatHasANameIsNotCalledByItsKind) {
  EXPECT_EQ(MistakeIn(Steps("[[step]]\nkind = 'apt'\nname = 'tools'\n"
                            "[[step]]\nkind = 'file'\nneeds = ['apt']\n")),
            "r.toml:6:10: error: no step is named 'apt'\n"
            "   6 | needs = ['apt']\n"
            "     |          ^");
}

TEST(StepOrder, NameIsMeantBeforeAKind) {
  const auto steps =
      OrderSteps(Steps("[[step]]\nkind = 'apt'\n[[step]]\nkind = 'file'\nname = 'apt'\n"
                       "[[step]]\nkind = 'group'\nneeds = ['apt']\n"));
  ASSERT_TRUE(steps) << steps.error().message;
  EXPECT_EQ(steps->at(2).needs, std::vector<std::size_t>{1});
}

TEST(StepOrder, KindOfSeveralNamelessStepsCallsNone) {
  EXPECT_EQ(MistakeIn(Steps("[[step]]\nkind = 'apt'\n[[step]]\nkind = 'apt'\n"
                            "[[step]]\nkind = 'file'\nneeds = ['apt']\n")),
            "r.toml:7:10: error: 'apt' may be the step at r.toml:1 or at r.toml:3; give it a name\n"
            "   7 | needs = ['apt']\n"
            "     |          ^");
}

constexpr const char* kManifest =
    "schema = 1\nname = 'm'\nrecipe = 'r'\ndependencies.apt = ['picocom']\n"
    "[firmware]\nname = 'at'\nversion = '1'\nchip = 'esp8266'\nhealth.kind = 'at'\n"
    "[[firmware.part]]\noffset = 0\nurls = ['https://example.org/f']\nsize = 1\n"
    "sha256 = '0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef'\n";
constexpr const char* kRecipe =
    "schema = 1\nname = 'r'\n[board]\nchip = 'esp8266'\nserial = ['/dev/ttyUSB0']\n"
    "lines.kind = 'modem'\n";

// Kinds in the plan's order.
std::string PlanOf(const std::string& manifest_steps, const std::string& recipe_steps) {
  auto manifest = ParseManifest(kManifest + manifest_steps, "m.toml");
  auto recipe = ParseRecipe(kRecipe + recipe_steps, "r.toml");
  if (!manifest) return manifest.error().message;
  if (!recipe) return recipe.error().message;
  const auto plan = MakePlan(*std::move(manifest), *std::move(recipe));
  if (!plan) return plan.error().message;
  std::string kinds;
  for (const OrderedStep& step : plan->steps) kinds += step.spec.kind + " ";
  return kinds;
}

TEST(PlanSteps, AreTheRecipesThenDependenciesThenTheManifests) {
  EXPECT_EQ(PlanOf("[[step]]\nkind = 'c'\n", "[[step]]\nkind = 'a'\n[[step]]\nkind = 'b'\n"),
            "a b apt c ");
}

TEST(PlanSteps, MayNeedOneAnotherAcrossFiles) {
  EXPECT_EQ(PlanOf("[[step]]\nkind = 'c'\nneeds = ['a']\n",
                   "[[step]]\nkind = 'b'\nneeds = ['apt']\n[[step]]\nkind = 'a'\n"),
            "a apt b c ");
}

TEST(PlanSteps, OfOneNameInBothFilesAreAMistake) {
  EXPECT_EQ(PlanOf("[[step]]\nkind = 'c'\nname = 'x'\n", "[[step]]\nkind = 'a'\nname = 'x'\n"),
            "m.toml:17:8: error: another step is named 'x' already, at r.toml:9\n"
            "  17 | name = 'x'\n"
            "     |        ^");
}

}  // namespace
}  // namespace lastgood
