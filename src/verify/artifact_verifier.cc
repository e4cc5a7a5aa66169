// SPDX-License-Identifier: MIT
#include "verify/artifact_verifier.h"

#include <fmt/format.h>

#include <utility>

#include "digest/digest.h"

namespace lastgood {

Result<Verified<Bytes>> ArtifactVerifier::Verify(Bytes bytes, const Sha256Digest& sha256,
                                                 std::uint64_t size_bytes,
                                                 const std::string& name) {
  if (bytes.size() != size_bytes) {
    return Fail(ExitCode::kNotTrusted, fmt::format("'{}' has {} bytes, the manifest says {}", name,
                                                   bytes.size(), size_bytes));
  }
  if (const Sha256Digest actual = Sha256(bytes); actual != sha256) {
    return Fail(ExitCode::kNotTrusted, fmt::format("'{}' has SHA-256 {}, the manifest says {}",
                                                   name, actual.ToHex(), sha256.ToHex()));
  }
  return Verified<Bytes>(std::move(bytes));
}

}  // namespace lastgood
