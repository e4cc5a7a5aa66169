// SPDX-License-Identifier: MIT
// Between a bundle and the artifact store: out of the one, into the other.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "base/result.h"
#include "base/signed_text.h"
#include "bundle/bundle_reader.h"
#include "host/interrupt.h"
#include "manifest/manifest.h"
#include "verify/artifact_store.h"

namespace lastgood {

struct BundleSummary {
  std::size_t artifacts = 0;
  std::uint64_t size_bytes = 0;  // of the artifacts
};

// Reads the rest of `bundle`, which must hold just the artifacts of `manifest`, each with its size
// and digest. Errors as of BundleReader; kNotTrusted also when an artifact is missing or is none of
// the manifest's; kInterrupted.
Result<BundleSummary> CheckBundle(BundleReader& bundle, const Manifest& manifest,
                                  const Interrupt& interrupt);

// The same, and puts each into the store once it is verified.
Result<BundleSummary> StoreBundle(BundleReader& bundle, const Manifest& manifest,
                                  const ArtifactStore& store, const Interrupt& interrupt);

// Writes everything of `manifest`, whose artifacts are in the store, into the new file `path`,
// durably. The texts' names as of ListContents(). kInternal when an artifact is not in the store.
Result<BundleSummary> WriteBundle(const std::filesystem::path& path, const Manifest& manifest,
                                  const SignedText& manifest_text,
                                  const std::vector<SignedText>& recipe_texts,
                                  const ArtifactStore& store, const Interrupt& interrupt);

}  // namespace lastgood
