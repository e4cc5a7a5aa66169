// SPDX-License-Identifier: MIT
// Recipes that build on one another.
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "recipe/recipe.h"

namespace lastgood {
namespace {

constexpr const char* kBase =
    "schema = 1\nname = 'base'\ntitle = 'The base'\n"
    "[board]\nchip = 'esp8266'\nserial = ['/dev/serial0']\nbaud = [115200]\n"
    "lines.kind = 'modem'\n"
    "[[step]]\nkind = 'command'\nname = 'first'\n[[step]]\nkind = 'command'\nname = 'second'\n";

// What `text` says as a recipe of this name.
RecipeFile File(const std::string& name, const std::string& text) {
  auto file = ParseRecipeFile("schema = 1\nname = '" + name + "'\n" + text, name + ".toml");
  EXPECT_TRUE(file) << file.error().message;
  return file ? *std::move(file) : RecipeFile();
}

RecipeFile Base() {
  auto file = ParseRecipeFile(kBase, "base.toml");
  EXPECT_TRUE(file) << file.error().message;
  return file ? *std::move(file) : RecipeFile();
}

std::string MistakeIn(std::vector<RecipeFile> files) {
  const auto recipe = JoinRecipe(std::move(files));
  if (recipe) return "no mistake";
  EXPECT_EQ(recipe.error().code, ExitCode::kInvalidManifest);
  return recipe.error().message;
}

// `count` recipes, each of which extends the next, and that one nothing.
std::vector<RecipeFile> Chain(int count) {
  std::vector<RecipeFile> files;
  for (int i = 1; i < count; ++i)
    files.push_back(File("r" + std::to_string(i), "extends = 'r" + std::to_string(i + 1) + "'\n"));
  files.push_back(Base());
  return files;
}

TEST(RecipeJoin, WhatIsLeftOutComesFromTheBase) {
  const auto recipe = JoinRecipe({File("mine", "extends = 'base'\n"), Base()});
  ASSERT_TRUE(recipe) << recipe.error().message;
  EXPECT_EQ(recipe->name, "mine");
  EXPECT_EQ(recipe->title, "mine");
  EXPECT_EQ(recipe->board.chip, Chip::kEsp8266);
  EXPECT_EQ(recipe->board.serial, std::vector<std::string>{"/dev/serial0"});
  EXPECT_EQ(recipe->board.baud, std::vector<std::uint32_t>{115200});
  EXPECT_EQ(recipe->board.lines.kind, LinesKind::kModem);
  EXPECT_EQ(recipe->document.name(), "mine.toml");
  ASSERT_EQ(recipe->bases.size(), 1U);
  EXPECT_EQ(recipe->bases[0].name(), "base.toml");
}

TEST(RecipeJoin, WhatIsSaidReplacesTheBaseKeyByKey) {
  const auto recipe = JoinRecipe(
      {File("mine", "extends = 'base'\n[board]\nserial = ['/dev/ttyUSB0']\nlines.kind = 'none'\n"),
       Base()});
  ASSERT_TRUE(recipe) << recipe.error().message;
  EXPECT_EQ(recipe->board.serial, std::vector<std::string>{"/dev/ttyUSB0"});
  EXPECT_EQ(recipe->board.baud, std::vector<std::uint32_t>{115200});
  EXPECT_EQ(recipe->board.lines.kind, LinesKind::kNone);
}

TEST(RecipeJoin, NearestOfSeveralCounts) {
  const auto recipe = JoinRecipe({File("mine", "extends = 'middle'\n[board]\nchip = 'esp32'\n"),
                                  File("middle",
                                       "extends = 'base'\n[board]\nchip = 'esp32c3'\n"
                                       "baud = [9600]\n"),
                                  Base()});
  ASSERT_TRUE(recipe) << recipe.error().message;
  EXPECT_EQ(recipe->board.chip, Chip::kEsp32);
  EXPECT_EQ(recipe->board.baud, std::vector<std::uint32_t>{9600});
  EXPECT_EQ(recipe->bases.size(), 2U);
}

TEST(RecipeJoin, StepsOfTheBaseComeFirst) {
  const auto recipe = JoinRecipe(
      {File("mine", "extends = 'base'\n[[step]]\nkind = 'command'\nname = 'own'\n"), Base()});
  ASSERT_TRUE(recipe) << recipe.error().message;
  std::string order;
  for (const StepSpec& step : recipe->steps)
    order += step.name + " of " + step.document.name() + "; ";
  EXPECT_EQ(order, "first of base.toml; second of base.toml; own of mine.toml; ");
}

TEST(RecipeJoin, CirclesAreNamed) {
  const RecipeFile a = File("a", "extends = 'b'\n");
  const RecipeFile b = File("b", "extends = 'a'\n");
  EXPECT_EQ(MistakeIn({a, b, a}),
            "b.toml:3:11: error: a extends b extends a\n"
            "   3 | extends = 'a'\n"
            "     |           ^");
  EXPECT_EQ(MistakeIn({File("x", "extends = 'a'\n"), a, b, a}), MistakeIn({a, b, a}));
  const RecipeFile self = File("self", "extends = 'self'\n");
  EXPECT_EQ(MistakeIn({self, self}),
            "self.toml:3:11: error: self extends self\n"
            "   3 | extends = 'self'\n"
            "     |           ^");
}

TEST(RecipeJoin, EightBasesAreEnough) {
  EXPECT_EQ(MistakeIn(Chain(9)), "no mistake");
  EXPECT_EQ(MistakeIn(Chain(10)),
            "r9.toml:3:11: error: more than 8 recipes extend one another\n"
            "   3 | extends = 'r10'\n"
            "     |           ^");
}

TEST(RecipeJoin, FilesThatDoNotFitTogetherAreRefused) {
  EXPECT_EQ(MistakeIn({File("mine", "extends = 'base'\n")}),
            "mine.toml:3:11: error: recipe 'base' is not here\n"
            "   3 | extends = 'base'\n"
            "     |           ^");
  EXPECT_EQ(MistakeIn({Base(), File("other", "extends = 'base'\n")}),
            "other.toml:3:11: error: recipe 'base' is not here\n"
            "   3 | extends = 'base'\n"
            "     |           ^");
  const RecipeFile alone = File("alone",
                                "[board]\nchip = 'esp32'\nserial = ['/dev/ttyUSB0']\n"
                                "lines.kind = 'modem'\n");
  EXPECT_EQ(MistakeIn({Base(), alone}),
            "'alone.toml' comes with 'base.toml', which does not extend it");
}

TEST(RecipeJoin, RecipeThatStandsAloneSaysEverything) {
  const auto recipe = ParseRecipe("schema = 1\nname = 'bench'\n[board]\nbaud = [9600]\n", "r.toml");
  ASSERT_FALSE(recipe);
  for (const char* key : {"'chip'", "'serial'", "[board.lines]"})
    EXPECT_NE(recipe.error().message.find(key), std::string::npos) << recipe.error().message;
  EXPECT_FALSE(ParseRecipe("schema = 1\nname = 'bench'\n", "r.toml"));
}

}  // namespace
}  // namespace lastgood
