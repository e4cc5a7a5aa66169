// SPDX-License-Identifier: MIT
#include "cli/bundle_source.h"

#include <fmt/format.h>

#include <utility>

#include "base/units.h"
#include "bundle/bundle_reader.h"
#include "cli/trust_basis.h"
#include "host/interrupt.h"
#include "manifest/manifest.h"
#include "recipe/recipe.h"
#include "run/bundle_files.h"

namespace lastgood {
namespace {

Result<Description> JudgedText(const SignedText& text, const TrustBasis& basis) {
  TRY(Trust trust, JudgeDescription(text, Origin::kBundle, basis.policy, basis.keyring));
  return Description{text.name, text.text, Origin::kBundle, std::move(trust), text.signature};
}

}  // namespace

bool IsBundle(const std::string& name) { return name.ends_with(".tar.zst"); }

Result<LocatedPlan> LocateBundle(const CommandLine& line, Toolbox& tools) {
  const SignalWatch watch(tools.interrupt);
  TRY(const TrustBasis basis, LoadTrustBasis(tools.surroundings));
  TRY(BundleReader bundle, BundleReader::Open(line.manifest));
  TRY(Description manifest_file, JudgedText(bundle.manifest(), basis));
  TRY(const Manifest manifest, ParseManifest(manifest_file.text, manifest_file.name));
  TRY_DO(CheckBundle(bundle, manifest, tools.interrupt));
  Result<Description> recipe_file =
      line.recipe.empty() ? JudgedText(bundle.recipe(), basis)
                          : FindLocal(line.recipe, "recipes", {}, tools.surroundings, basis);
  if (!recipe_file) return Fail(std::move(recipe_file).error());
  TRY(LocatedPlan located, PlanOf(std::move(manifest_file), *std::move(recipe_file)));
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
