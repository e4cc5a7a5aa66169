// SPDX-License-Identifier: MIT
// Finding manifests and recipes by name or path, and reading them into a plan.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"
#include "cli/command_line.h"
#include "cli/toolbox.h"
#include "plan/plan.h"
#include "run/provisioner.h"

namespace lastgood {

struct LocatedPlan {
  Plan plan;
  PlanSource source;
  std::filesystem::path bundle{};  // that it came from; empty: from no bundle
};

// A name ("espiot-phat-micropython") is looked up in the data directories; anything with a '/' or
// ending in
// ".toml" is a file. A recipe is looked for beside the manifest first. kUsage when nothing is
// found, with the names that exist; kInvalidManifest with all mistakes.
Result<LocatedPlan> LocatePlan(const CommandLine& line, const Surroundings& surroundings);

struct LocatedRecipe {
  Recipe recipe;
  std::string text;
  std::string source;
};
// The same for a recipe alone.
Result<LocatedRecipe> LocateRecipe(const std::string& name, const Surroundings& surroundings);

// `kind` is "manifests" or "recipes".
Result<std::filesystem::path> Locate(const std::string& name, const std::string& kind,
                                     const std::filesystem::path& beside,
                                     const Surroundings& surroundings);

Result<std::string> ReadDescription(const std::filesystem::path& path);

}  // namespace lastgood
