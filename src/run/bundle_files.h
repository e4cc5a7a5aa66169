// SPDX-License-Identifier: MIT
// Between a bundle and the artifact store: out of the one, into the other.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <vector>

#include "base/digest_value.h"
#include "base/result.h"
#include "base/signed_text.h"
#include "bundle/bundle_reader.h"
#include "host/interrupt.h"
#include "plan/plan.h"
#include "verify/artifact_store.h"

namespace lastgood {

// What a plan needs, with its sizes.
using Artifacts = std::map<Sha256Digest, std::uint64_t>;
Artifacts ArtifactsOf(const Plan& plan);

struct BundleSummary {
  std::size_t artifacts = 0;
  std::uint64_t size_bytes = 0;  // of the artifacts
};

// Reads the rest of `bundle`, which must hold just `artifacts`. Errors as of BundleReader;
// kNotTrusted also when an artifact is missing or is none of these; kInterrupted.
Result<BundleSummary> CheckBundle(BundleReader& bundle, const Artifacts& artifacts,
                                  const Interrupt& interrupt);

// The same, and puts each into the store once it is verified.
Result<BundleSummary> StoreBundle(BundleReader& bundle, const Artifacts& artifacts,
                                  const ArtifactStore& store, const Interrupt& interrupt);

// Writes descriptions and artifacts, which are in the store, into the new file `path`, durably. The
// texts' names as of ListContents(). kInternal when an artifact is not in the store.
Result<BundleSummary> WriteBundle(const std::filesystem::path& path, const Artifacts& artifacts,
                                  const SignedText& manifest_text,
                                  const std::vector<SignedText>& recipe_texts,
                                  const ArtifactStore& store, const Interrupt& interrupt);

}  // namespace lastgood
