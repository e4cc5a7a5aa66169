// SPDX-License-Identifier: MIT
#pragma once

#include <utility>

#include "base/bytes.h"
#include "digest/digest.h"
#include "verify/artifact_verifier.h"

namespace lastgood::test {

// Verified the only way there is: against a digest, here the bytes' own.
inline Verified<Bytes> AsVerified(Bytes bytes) {
  const Sha256Digest digest = Sha256(bytes);
  const std::uint64_t size = bytes.size();
  return *ArtifactVerifier::Verify(std::move(bytes), digest, size, "test bytes");
}

}  // namespace lastgood::test
