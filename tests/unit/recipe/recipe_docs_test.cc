// SPDX-License-Identifier: MIT
// docs/recipe.md: its examples are valid, and it knows every key.
#include <gtest/gtest.h>

#include "recipe/recipe.h"
#include "unit/manifest/document_examples.h"

namespace lastgood {
namespace {

TEST(RecipeDocsTest, EveryExampleIsValid) {
  int count = 0;
  for (const test::Example& example : test::Examples(test::Documentation("recipe.md"))) {
    if (example.language != "toml") continue;
    ++count;
    const auto recipe = ParseRecipeFile(example.text, "docs/recipe.md");
    EXPECT_TRUE(recipe.has_value()) << recipe.error().message;
  }
  EXPECT_GE(count, 5);
}

TEST(RecipeDocsTest, FirstExampleIsTheShippedRecipe) {
  const auto examples = test::Examples(test::Documentation("recipe.md"));
  ASSERT_FALSE(examples.empty());
  const std::string shipped =
      test::ReadText(std::filesystem::path(LASTGOOD_SOURCE_DIR) / "recipes" / "espiot-phat.toml");
  EXPECT_NE(shipped.find(examples[0].text), std::string::npos);
}

TEST(RecipeDocsTest, EveryKeyIsDocumented) {
  std::string said;
  for (const std::string lines :
       {"kind = 'gpio'\nreset = { zzzzzz = 1, chip = 'x' }\n",
        "kind = 'command'\n[[step]]\nkind = 'x'\nwhen = { zzzzzz = 1 }\n"}) {
    const auto recipe = ParseRecipe(
        "schema = 1\nzzzzzz = 1\n[board]\nzzzzzz = 1\n[board.lines]\nzzzzzz = 1\n" + lines, "r");
    ASSERT_FALSE(recipe.has_value());
    said += recipe.error().message + '\n';
  }
  const auto keys = test::OfferedKeys(said);
  EXPECT_GT(keys.size(), 18U) << said;
  const std::string page = test::Documentation("recipe.md");
  for (const std::string& key : keys)
    EXPECT_NE(page.find('`' + key + '`'), std::string::npos) << key;
}

}  // namespace
}  // namespace lastgood
