// SPDX-License-Identifier: MIT
// What has to be downloaded and verified before the first step of a list can be made.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/digest_value.h"
#include "manifest/manifest.h"
#include "toml/document.h"

namespace lastgood {

struct StepArtifact {
  std::vector<std::string> urls;  // tried in order; http, https or file
  Sha256Digest sha256{};
  std::uint64_t size_bytes = 0;

  bool operator==(const StepArtifact&) const = default;
};

// The fields `urls`, `sha256` and `size`, all required. Mistakes are noted.
StepArtifact ReadStepArtifact(toml::TableReader& reader, toml::Diagnostics& mistakes);

// Each once, in the order of the steps. A step whose fields are wrong has none: MakeStep() says so.
std::vector<StepArtifact> ArtifactsOf(const std::vector<StepSpec>& specs);

}  // namespace lastgood
