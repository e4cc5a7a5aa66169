// SPDX-License-Identifier: MIT
#include "run/recorded_recipe.h"

#include <gtest/gtest.h>

namespace lastgood {
namespace {

RunStart StartWith(std::vector<SourceText> base_recipes) {
  RunStart start;
  start.recipe_source = "/etc/lastgood/recipes/hall.toml";
  start.recipe_text =
      "schema = 1\nname = 'hall'\nextends = 'phat'\n[board]\nbaud = [9600]\n"
      "[[step]]\nkind = 'command'\nname = 'own'\n";
  start.base_recipes = std::move(base_recipes);
  return start;
}

TEST(RecordedRecipe, IsWholeWithoutTheFilesThatItCameFrom) {
  const auto recipe = RecipeOf(StartWith({{"/gone/phat.toml",
                                           "schema = 1\nname = 'phat'\n[board]\nchip = 'esp8266'\n"
                                           "serial = ['/dev/serial0']\nlines.kind = 'modem'\n"
                                           "[[step]]\nkind = 'command'\nname = 'first'\n"}}));
  ASSERT_TRUE(recipe) << recipe.error().message;
  EXPECT_EQ(recipe->name, "hall");
  EXPECT_EQ(recipe->board.serial, std::vector<std::string>{"/dev/serial0"});
  EXPECT_EQ(recipe->board.baud, std::vector<std::uint32_t>{9600});
  ASSERT_EQ(recipe->steps.size(), 2U);
  EXPECT_EQ(recipe->steps[0].name, "first");
  EXPECT_EQ(recipe->document.name(), "/etc/lastgood/recipes/hall.toml");
}

TEST(RecordedRecipe, RecordThatLacksWhatItExtendsIsRefused) {
  const auto recipe = RecipeOf(StartWith({}));
  ASSERT_FALSE(recipe);
  EXPECT_EQ(recipe.error().message,
            "/etc/lastgood/recipes/hall.toml:3:11: error: recipe 'phat' is not here\n"
            "   3 | extends = 'phat'\n"
            "     |           ^");
}

}  // namespace
}  // namespace lastgood
