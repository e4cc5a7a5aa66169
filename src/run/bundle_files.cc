// SPDX-License-Identifier: MIT
#include "run/bundle_files.h"

#include <fmt/format.h>

#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "bundle/bundle_writer.h"
#include "host/files.h"
#include "run/step_files.h"
#include "verify/artifact_verifier.h"

namespace lastgood {
namespace {

std::vector<Sha256Digest> DigestsOf(const Artifacts& artifacts) {
  std::vector<Sha256Digest> digests;
  for (const auto& artifact : artifacts) digests.push_back(artifact.first);
  return digests;
}

using Taker = std::function<Result<void>(const Verified<Bytes>&, const Sha256Digest&)>;

Result<BundleSummary> ReadBundle(BundleReader& bundle, const Artifacts& artifacts,
                                 const Taker& take, const Interrupt& interrupt) {
  if (bundle.contents().images != DigestsOf(artifacts))
    return Fail(ExitCode::kNotTrusted,
                fmt::format("the bundle of '{}' does not hold just the artifacts that it names",
                            bundle.manifest().name),
                "make it again with 'lastgood bundle'");
  BundleSummary summary;
  for (const auto& [sha256, size_bytes] : artifacts) {
    TRY_DO(interrupt.Check());
    TRY(Bytes bytes, bundle.NextImage(size_bytes));
    TRY(const Verified<Bytes> verified,
        ArtifactVerifier::Verify(std::move(bytes), sha256, size_bytes, ImageName(sha256)));
    TRY_DO(take(verified, sha256));
    ++summary.artifacts;
    summary.size_bytes += size_bytes;
  }
  TRY_DO(bundle.Finish());
  return summary;
}

}  // namespace

Artifacts ArtifactsOf(const Plan& plan) {
  Artifacts artifacts;
  const auto add = [&artifacts](const FirmwareSpec& firmware) {
    for (const PartSpec& part : firmware.parts) artifacts.emplace(part.sha256, part.size_bytes);
  };
  add(plan.manifest.firmware);
  for (const FirmwareSpec& fallback : plan.manifest.fallbacks) add(fallback);
  if (const std::optional<FirmwareSpec> files = StepFilesOf(plan)) add(*files);
  return artifacts;
}

Result<BundleSummary> CheckBundle(BundleReader& bundle, const Artifacts& artifacts,
                                  const Interrupt& interrupt) {
  return ReadBundle(
      bundle, artifacts, [](const Verified<Bytes>&, const Sha256Digest&) { return Result<void>(); },
      interrupt);
}

Result<BundleSummary> StoreBundle(BundleReader& bundle, const Artifacts& artifacts,
                                  const ArtifactStore& store, const Interrupt& interrupt) {
  return ReadBundle(
      bundle, artifacts,
      [&store](const Verified<Bytes>& bytes, const Sha256Digest& sha256) {
        return store.Put(bytes, sha256);
      },
      interrupt);
}

Result<BundleSummary> WriteBundle(const std::filesystem::path& path, const Artifacts& artifacts,
                                  const SignedText& manifest_text,
                                  const std::vector<SignedText>& recipe_texts,
                                  const ArtifactStore& store, const Interrupt& interrupt) {
  TRY(const BundleContents contents,
      ListContents(manifest_text, recipe_texts, DigestsOf(artifacts)));
  TRY(DurableFile file, DurableFile::Create(path));
  BundleWriter writer([&file](ByteSpan piece) { return file.Append(piece); });
  TRY_DO(writer.WriteDescriptions(contents, manifest_text, recipe_texts));
  BundleSummary summary;
  for (const auto& [sha256, size_bytes] : artifacts) {
    TRY_DO(interrupt.Check());
    TRY(const auto bytes, store.Load(sha256, size_bytes));
    if (!bytes)
      return Fail(ExitCode::kInternal,
                  fmt::format("'{}' is not whole any more", store.PathOf(sha256).string()),
                  "check the state directory's file system");
    TRY_DO(writer.WriteImage(sha256, **bytes));
    ++summary.artifacts;
    summary.size_bytes += size_bytes;
  }
  TRY_DO(writer.Finish());
  TRY_DO(file.Publish());
  return summary;
}

}  // namespace lastgood
