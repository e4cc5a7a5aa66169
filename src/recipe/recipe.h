// SPDX-License-Identifier: MIT
// How a kind of board is wired to a kind of host and what the host needs (docs/recipe.md). Plain
// values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/board_identity.h"
#include "base/result.h"
#include "device/board_lines.h"
#include "manifest/manifest.h"

namespace lastgood {

struct BoardSpec {
  Chip chip = Chip::kEsp8266;
  std::vector<std::string> serial;  // device paths, tried in order; the first that exists is used
  std::vector<std::uint32_t> baud{460800, 115200};  // tried in order, stepping down on errors
  LinesSpec lines;
};

struct Recipe {
  std::string name;
  std::string title;
  BoardSpec board;
  std::vector<StepSpec> steps;  // those of the recipes that it extends first
  toml::Document document;
  std::vector<toml::Document> bases;  // the recipe that it extends, the one that this extends, …
};

// What one file says. A recipe that extends another leaves to that what it does not say itself.
struct RecipeFile {
  std::string name;
  std::string title;
  std::string extends;  // as Manifest::recipe; empty: it stands alone, and says everything
  toml::Position extends_position{};
  std::optional<Chip> chip;
  std::optional<std::vector<std::string>> serial;
  std::optional<std::vector<std::uint32_t>> baud;
  std::optional<LinesSpec> lines;
  std::vector<StepSpec> steps;
  toml::Document document;
};

inline constexpr std::size_t kBaseRecipesMax = 8;

// Whether a file means to be a recipe and not a manifest.
bool IsRecipe(const toml::Document& document);

// kInvalidManifest with all mistakes, each with its place.
Result<RecipeFile> ParseRecipeFile(std::string text, std::string name);

// A recipe's file, the one that it extends, and so on, as far as they are known: kInvalidManifest
// when they go round in a circle, or on for too long.
Result<void> CheckChain(const std::vector<RecipeFile>& files);

// The same, down to one that stands alone. kInvalidManifest also when they do not fit together.
Result<Recipe> JoinRecipe(std::vector<RecipeFile> files);

// One that stands alone. kInvalidManifest as ParseRecipeFile and JoinRecipe.
Result<Recipe> ParseRecipe(std::string text, std::string name);

}  // namespace lastgood
