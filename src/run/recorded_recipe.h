// SPDX-License-Identifier: MIT
#pragma once

#include "base/result.h"
#include "recipe/recipe.h"
#include "record/record.h"

namespace lastgood {

// The recipe as it was when the run began, with those that it extended then.
Result<Recipe> RecipeOf(const RunStart& start);

}  // namespace lastgood
