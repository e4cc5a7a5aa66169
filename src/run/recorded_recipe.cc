// SPDX-License-Identifier: MIT
#include "run/recorded_recipe.h"

#include <utility>
#include <vector>

namespace lastgood {

Result<Recipe> RecipeOf(const RunStart& start) {
  std::vector<SourceText> texts{{start.recipe_source, start.recipe_text}};
  texts.insert(texts.end(), start.base_recipes.begin(), start.base_recipes.end());
  std::vector<RecipeFile> files;
  for (SourceText& text : texts) {
    TRY(RecipeFile file, ParseRecipeFile(std::move(text.text), std::move(text.source)));
    files.push_back(std::move(file));
  }
  return JoinRecipe(std::move(files));
}

}  // namespace lastgood
