// SPDX-License-Identifier: MIT
#include "cli/bundle_source.h"

#include <fmt/format.h>

#include <utility>

#include "base/units.h"
#include "bundle/bundle_reader.h"
#include "manifest/manifest.h"
#include "run/bundle_files.h"
#include "trust/judge.h"

namespace lastgood {
namespace {

Result<Description> Judge(const SignedText& file, const TrustBasis& basis) {
  TRY(Trust trust, JudgeDescription(file, Origin::kBundle, basis.policy, basis.keyring));
  return Description{file.name, file.text, Origin::kBundle, std::move(trust), file.signature};
}

}  // namespace

bool IsBundle(const std::string& name) { return name.ends_with(".tar.zst"); }

Result<OpenedBundle> OpenBundle(const std::string& path, const TrustBasis& basis) {
  TRY(BundleReader bundle, BundleReader::Open(path));
  TRY(Description manifest_file, Judge(bundle.manifest(), basis));
  TRY(Description recipe_file, Judge(bundle.recipe(), basis));
  TRY(const Manifest manifest, ParseManifest(manifest_file.text, manifest_file.name));
  TRY_DO(CheckBundle(bundle, manifest, Interrupt()));
  return OpenedBundle{std::move(manifest_file), std::move(recipe_file)};
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
