// SPDX-License-Identifier: MIT
#include "cli/bundle_source.h"

#include <fmt/format.h>

#include <utility>

#include "base/units.h"
#include "bundle/bundle_reader.h"
#include "manifest/manifest.h"
#include "recipe/recipe.h"
#include "run/bundle_files.h"

namespace lastgood {

bool IsBundle(const std::string& name) { return name.ends_with(".tar.zst"); }

Result<LocatedPlan> LocateBundle(const CommandLine& line, const Surroundings& surroundings) {
  TRY(BundleReader bundle, BundleReader::Open(line.manifest));
  const SignedText& manifest_text = bundle.manifest();
  TRY(Manifest manifest, ParseManifest(manifest_text.text, manifest_text.name));
  TRY_DO(CheckBundle(bundle, manifest, Interrupt()));
  LocatedRecipe recipe;
  if (line.recipe.empty()) {
    const SignedText& recipe_text = bundle.recipe();
    TRY(recipe.recipe, ParseRecipe(recipe_text.text, recipe_text.name));
    recipe.source = recipe_text.name;
  } else {
    TRY(recipe, LocateRecipe(line.recipe, surroundings));
  }
  TRY(Plan plan, MakePlan(std::move(manifest), std::move(recipe.recipe)));
  LocatedPlan located{std::move(plan), {"provision", manifest_text.name, recipe.source}};
  located.bundle = line.manifest;
  return located;
}

Result<void> TakeBundle(const LocatedPlan& located, const StoreSeams& seams) {
  if (located.bundle.empty()) return {};
  TRY(BundleReader bundle, BundleReader::Open(located.bundle));
  TRY(const BundleSummary summary,
      StoreBundle(bundle, located.plan.manifest, seams.store, seams.interrupt));
  seams.reporter.Stage({"bundle",
                        StageOutcome::kOk,
                        fmt::format("{} with recipe '{}', {} artifacts, {}, every digest checked",
                                    located.plan.manifest.name, located.plan.recipe.name,
                                    summary.artifacts, FormatByteCount(summary.size_bytes)),
                        {},
                        {}});
  return {};
}

}  // namespace lastgood
