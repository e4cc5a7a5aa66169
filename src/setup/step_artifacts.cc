// SPDX-License-Identifier: MIT
#include "setup/step_artifacts.h"

#include <algorithm>
#include <utility>

#include "manifest/artifact_reader.h"

namespace lastgood {

StepArtifact ReadStepArtifact(toml::TableReader& reader, toml::Diagnostics& mistakes) {
  StepArtifact artifact;
  artifact.urls = ReadUrls(reader, false, mistakes);
  artifact.sha256 = ReadSha256(reader);
  artifact.size_bytes =
      static_cast<std::uint64_t>(reader.RequiredInteger("size", 1, kArchiveSizeMax));
  return artifact;
}

std::vector<StepArtifact> ArtifactsOf(const std::vector<StepSpec>& specs) {
  std::vector<StepArtifact> artifacts;
  for (const StepSpec& spec : specs) {
    if (spec.kind != "archive") continue;
    toml::Diagnostics mistakes(spec.document);
    toml::TableReader reader(spec.fields, "[[step]]", mistakes);
    StepArtifact artifact = ReadStepArtifact(reader, mistakes);
    const bool is_known = std::any_of(
        artifacts.begin(), artifacts.end(),
        [&artifact](const StepArtifact& known) { return known.sha256 == artifact.sha256; });
    if (mistakes.empty() && !is_known) artifacts.push_back(std::move(artifact));
  }
  return artifacts;
}

}  // namespace lastgood
