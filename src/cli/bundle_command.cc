// SPDX-License-Identifier: MIT
// lastgood bundle: everything that a manifest needs, in one file.
#include <fmt/format.h>

#include <filesystem>
#include <system_error>
#include <utility>

#include "base/units.h"
#include "bundle/bundle_reader.h"
#include "cli/bundle_source.h"
#include "cli/commands.h"
#include "cli/locate.h"
#include "cli/session.h"
#include "json/json_object.h"
#include "run/bundle_files.h"
#include "run/firmware_files.h"

namespace lastgood {
namespace {

namespace fs = std::filesystem;

// A description as it stands on disk, with the signature beside it when there is one.
Result<SignedText> TextOf(const std::string& path, const std::string& text) {
  SignedText found{fs::path(path).filename().string(), text, {}};
  const fs::path signature = path + std::string(kSignatureSuffix);
  std::error_code error;
  if (!fs::exists(signature, error)) return found;
  TRY(found.signature, ReadDescription(signature));
  return found;
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

// A bundle without a fallback that its manifest names would be no way back.
Result<void> ObtainAll(const Manifest& manifest, Seams& seams) {
  std::vector<const FirmwareSpec*> all{&manifest.firmware};
  for (const FirmwareSpec& fallback : manifest.fallbacks) all.push_back(&fallback);
  for (const FirmwareSpec* firmware : all) {
    TRY(const ObtainedFirmware obtained, ObtainFirmware(seams.OfStore(), *firmware));
    seams.reporter.Stage(
        {"fetch",
         StageOutcome::kOk,
         fmt::format("{}, {}{}", firmware->Title(), FormatByteCount(DownloadSize(*firmware)),
                     obtained.bytes_received == 0 ? ", from the store" : ""),
         obtained.rejected,
         {}});
  }
  return {};
}

}  // namespace

Result<ExitCode> RunBundle(const CommandLine& line, Toolbox& tools) {
  if (IsBundle(line.manifest))
    return Fail(ExitCode::kUsage, fmt::format("'{}' is a bundle already", line.manifest));
  TRY(const LocatedPlan located, LocatePlan(line, tools.surroundings));
  const Manifest& manifest = located.plan.manifest;
  TRY(const SignedText manifest_text,
      TextOf(located.source.manifest_source, manifest.document.text()));
  TRY(const SignedText recipe_text,
      TextOf(located.source.recipe_source, located.plan.recipe.document.text()));
  TRY(const fs::path output, OutputOf(line, manifest));
  return WithSeams(line, tools, [&](Seams& seams) -> Result<ExitCode> {
    TRY_DO(ObtainAll(manifest, seams));
    TRY(const BundleSummary summary,
        WriteBundle(output, manifest, manifest_text, recipe_text, seams.store, seams.interrupt));
    std::error_code error;
    const std::uint64_t size_bytes = fs::file_size(output, error);
    if (line.json) {
      JsonObject object;
      object.Set("v", 1).Set("event", "bundled").Set("output", output.string());
      object.Set("size_bytes", static_cast<std::int64_t>(size_bytes))
          .Set("artifacts", static_cast<std::int64_t>(summary.artifacts));
      fmt::print(tools.out, "{}\n", object.Dump());
    } else if (!line.quiet) {
      fmt::print(tools.out, "wrote {}: {} with recipe '{}', {} artifacts, {}\n", output.string(),
                 manifest.name, located.plan.recipe.name, summary.artifacts,
                 FormatByteCount(size_bytes));
    }
    return ExitCode::kDone;
  });
}

}  // namespace lastgood
