// SPDX-License-Identifier: MIT
#include "run/step_files.h"

#include <utility>
#include <vector>

#include "setup/step_artifacts.h"

namespace lastgood {

std::optional<FirmwareSpec> StepFilesOf(const Plan& plan) {
  FirmwareSpec files;
  files.name = "files";
  files.version = "of the host's steps";
  for (StepArtifact& artifact : ArtifactsOf(SpecsOf(plan.steps))) {
    PartSpec part;
    part.urls = std::move(artifact.urls);
    part.sha256 = artifact.sha256;
    part.size_bytes = artifact.size_bytes;
    files.parts.push_back(std::move(part));
  }
  if (files.parts.empty()) return std::nullopt;
  return files;
}

}  // namespace lastgood
