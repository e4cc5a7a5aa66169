// SPDX-License-Identifier: MIT
// How a kind of board is wired to a kind of host and what the host needs (docs/recipe.md). Plain
// values.
#pragma once

#include <cstdint>
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
  std::vector<StepSpec> steps;
  toml::Document document;
};

// kInvalidManifest with all mistakes, each with its place.
Result<Recipe> ParseRecipe(std::string text, std::string name);

}  // namespace lastgood
