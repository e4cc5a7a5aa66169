// SPDX-License-Identifier: MIT
// Finding manifests and recipes by name or path, and reading them into a plan.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/signed_text.h"
#include "cli/command_line.h"
#include "cli/toolbox.h"
#include "cli/trust_basis.h"
#include "plan/plan.h"
#include "run/bundle_files.h"
#include "run/provisioner.h"
#include "trust/judge.h"

namespace lastgood {

struct LocatedPlan {
  Plan plan;
  PlanSource source;
  SignedText manifest_file;
  std::vector<SignedText> recipe_files;  // the recipe, the one that it extends, and so on
  std::filesystem::path bundle{};        // that they came out of; empty: of none
  Artifacts bundle_artifacts{};          // that it holds
};

// A manifest or recipe that was found and believed.
struct Description {
  std::string name;  // path or URL
  std::string text;
  Origin origin = Origin::kLocal;
  Trust trust;
  std::string signature{};  // empty when there is none of its own
};

// A name ("espiot-phat-micropython") is looked up in the index of --index, or else in the data
// directories; anything with a '/' or ending in ".toml" is a file or a URL. A recipe is looked for
// beside the manifest first: a URL's manifest finds it beside itself, or among the installed ones;
// and what a recipe extends beside that recipe. What ends in ".tar.zst" is a bundle, which has its
// own. kUsage when nothing is found, with the names that exist; kInvalidManifest with all mistakes;
// kNotTrusted as JudgeDescription. Watches for signals itself while it downloads, so no SignalWatch
// may live when it is called.
Result<LocatedPlan> LocatePlan(const CommandLine& line, Toolbox& tools);

// A file that was read or downloaded, once it is believed. Errors as of JudgeDescription.
Result<Description> Judged(SignedText file, Origin origin, const TrustBasis& basis);

// What makes a plan of its texts, wherever they came from. `manifest` is what `manifest_file` says;
// `recipe_files` as of LocatedPlan.
Result<LocatedPlan> PlanOf(Description manifest_file, Manifest manifest,
                           std::vector<Description> recipe_files);

struct LocatedRecipe {
  Recipe recipe;
  std::string trust;  // who signed it, and what it extends; empty when all of it is installed
};
// The same for a recipe alone, which is a file or an installed one. Its steps can be put in order.
Result<LocatedRecipe> LocateRecipe(const std::string& name, Toolbox& tools);

// `kind` is "manifests" or "recipes".
Result<std::filesystem::path> Locate(const std::string& name, const std::string& kind,
                                     const std::filesystem::path& beside,
                                     const Surroundings& surroundings);

Result<std::string> ReadDescription(const std::filesystem::path& path);

// A local file with the .minisig beside it, if there is one.
Result<SignedText> ReadSignedFile(const std::filesystem::path& path);

// kInstalled for what lies in a data directory, otherwise kLocal.
Origin OriginOf(const std::filesystem::path& path, const Surroundings& surroundings);

}  // namespace lastgood
