// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "recipe/recipe.h"
#include "unit/manifest/vector_files.h"

namespace lastgood {
namespace {

class RecipeVectorTest : public testing::TestWithParam<std::filesystem::path> {};

TEST_P(RecipeVectorTest, VerdictIsAsExpected) {
  const bool is_valid = test::IsValidVector(GetParam());
  const auto recipe = ParseRecipeFile(test::ReadText(GetParam()), GetParam().filename().string());
  ASSERT_EQ(recipe.has_value(), is_valid) << (recipe ? "" : recipe.error().message);
  if (is_valid) return;
  EXPECT_EQ(recipe.error().code, ExitCode::kInvalidManifest);
  EXPECT_EQ(recipe.error().message + "\n", test::ReadText(test::ExpectedFile(GetParam())));
}

INSTANTIATE_TEST_SUITE_P(Vectors, RecipeVectorTest, testing::ValuesIn(test::VectorFiles("recipes")),
                         test::VectorTestName);

}  // namespace
}  // namespace lastgood
