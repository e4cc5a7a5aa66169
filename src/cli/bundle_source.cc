// SPDX-License-Identifier: MIT
#include "cli/bundle_source.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "base/units.h"
#include "bundle/bundle_reader.h"
#include "manifest/manifest.h"
#include "trust/judge.h"

namespace lastgood {

bool IsBundle(const std::string& name) { return name.ends_with(".tar.zst"); }

Result<OpenedBundle> OpenBundle(const std::string& path, const TrustBasis& basis) {
  TRY(BundleReader bundle, BundleReader::Open(path));
  TRY(Description manifest_file, Judged(bundle.manifest(), Origin::kBundle, basis));
  std::vector<Description> recipe_files;
  for (const SignedText& recipe : bundle.recipes()) {
    TRY(Description recipe_file, Judged(recipe, Origin::kBundle, basis));
    recipe_files.push_back(std::move(recipe_file));
  }
  TRY(Manifest manifest, ParseManifest(manifest_file.text, manifest_file.name));
  TRY(LocatedPlan own, PlanOf(manifest_file, std::move(manifest), std::move(recipe_files)));
  own.bundle = path;
  own.bundle_artifacts = ArtifactsOf(own.plan);
  TRY_DO(CheckBundle(bundle, own.bundle_artifacts, Interrupt()));
  return OpenedBundle{std::move(manifest_file), std::move(own)};
}

Result<void> TakeBundle(const LocatedPlan& located, const StoreSeams& seams) {
  if (located.bundle.empty()) return {};
  TRY(BundleReader bundle, BundleReader::Open(located.bundle));
  TRY(const BundleSummary summary,
      StoreBundle(bundle, located.bundle_artifacts, seams.store, seams.interrupt));
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
