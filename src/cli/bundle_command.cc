// SPDX-License-Identifier: MIT
// lastgood bundle: everything that a manifest needs, in one file.
#include <fmt/format.h>

#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "base/units.h"
#include "bundle/bundle_reader.h"
#include "cli/bundle_source.h"
#include "cli/commands.h"
#include "cli/locate.h"
#include "cli/session.h"
#include "run/bundle_files.h"
#include "run/fill_store.h"
#include "trust/judge.h"

namespace lastgood {
namespace {

namespace fs = std::filesystem;

// In a bundle a description is called by its own name.
SignedText Named(SignedText file) {
  file.name = FileNameOf(file.name);
  return file;
}

std::vector<SignedText> Named(const std::vector<SignedText>& files) {
  std::vector<SignedText> named;
  for (const SignedText& file : files) named.push_back(Named(file));
  return named;
}

Result<fs::path> OutputOf(const CommandLine& line, const Manifest& manifest) {
  const fs::path path = line.output.empty()
                            ? fs::path(fmt::format("{}-{}{}", manifest.name,
                                                   manifest.firmware.version, kBundleSuffix))
                            : fs::path(line.output);
  if (!IsBundle(path.string()))
    return Fail(ExitCode::kUsage, fmt::format("'{}' is no name for a bundle", path.string()),
                fmt::format("let it end in {}: it is recognised by that", kBundleSuffix));
  std::error_code error;
  if (!line.force && fs::exists(fs::symlink_status(path, error)))
    return Fail(ExitCode::kUsage, fmt::format("'{}' exists already", path.string()),
                "--force overwrites it");
  return path;
}

}  // namespace

Result<ExitCode> RunBundle(const CommandLine& line, Toolbox& tools) {
  if (IsBundle(line.manifest))
    return Fail(ExitCode::kUsage, fmt::format("'{}' is a bundle already", line.manifest));
  TRY(const LocatedPlan located, LocatePlan(line, tools));
  const Manifest& manifest = located.plan.manifest;
  TRY(const fs::path output, OutputOf(line, manifest));
  return WithStore(line, tools, [&](const StoreSeams& seams) -> Result<RunOutcome> {
    RunOutcome outcome = FillStore(seams, {&located.plan});
    // A bundle without a fallback that its manifest names would be no way back.
    if (outcome.code != ExitCode::kDone) return outcome;
    TRY(const BundleSummary summary,
        WriteBundle(output, ArtifactsOf(located.plan), Named(located.manifest_file),
                    Named(located.recipe_files), seams.store, seams.interrupt));
    std::error_code error;
    outcome.text = fmt::format("Wrote '{}', {}: {} with recipe '{}', {} artifacts.",
                               output.string(), FormatByteCount(fs::file_size(output, error)),
                               manifest.name, located.plan.recipe.name, summary.artifacts);
    return outcome;
  });
}

}  // namespace lastgood
