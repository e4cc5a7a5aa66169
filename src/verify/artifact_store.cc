// SPDX-License-Identifier: MIT
#include "verify/artifact_store.h"

#include <fmt/format.h>

#include <string>
#include <system_error>
#include <utility>

#include "digest/digest.h"
#include "host/files.h"
#include "verify/artifact_verifier.h"

namespace lastgood {
namespace {

Result<void> SetAside(const std::filesystem::path& path) {
  std::filesystem::path damaged = path;
  damaged += ".damaged";
  return RenameDurably(path, damaged);
}

}  // namespace

Result<ArtifactStore> ArtifactStore::Open(const std::filesystem::path& root) {
  std::filesystem::path images = root / "images";
  TRY_DO(CreateDirectories(images));
  return ArtifactStore(std::move(images), /*writable=*/true);
}

ArtifactStore ArtifactStore::OpenReadOnly(const std::filesystem::path& root) {
  return ArtifactStore(root / "images", /*writable=*/false);
}

std::filesystem::path ArtifactStore::PathOf(const Sha256Digest& sha256) const {
  return images_ / sha256.ToHex();
}

Result<std::optional<Verified<Bytes>>> ArtifactStore::Load(const Sha256Digest& sha256,
                                                           std::uint64_t size_bytes) const {
  const std::filesystem::path path = PathOf(sha256);
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (status.type() == std::filesystem::file_type::not_found)
    return std::optional<Verified<Bytes>>();
  if (!error && !std::filesystem::is_regular_file(status))
    return Fail(ExitCode::kInternal, fmt::format("'{}' is not a file", path.string()));
  const std::uint64_t actual_bytes = std::filesystem::file_size(path, error);
  if (error) {
    return Fail(ExitCode::kInternal,
                fmt::format("cannot read '{}': {}", path.string(), error.message()));
  }
  // Looked at before reading: a damaged size must not decide how much memory is taken.
  if (actual_bytes == size_bytes) {
    TRY(Bytes bytes, ReadFile(path, size_bytes));
    auto verified = ArtifactVerifier::Verify(std::move(bytes), sha256, size_bytes, path.string());
    if (verified) return std::optional<Verified<Bytes>>(*std::move(verified));
  } else {
    // A manifest's slip in `size` must not evict a good image that another manifest counts on.
    TRY(const Sha256Digest actual, Sha256OfFile(path));
    if (actual == sha256) {
      return Fail(ExitCode::kNotTrusted,
                  fmt::format("the image {} has {} bytes, the manifest says {}", Abbreviate(sha256),
                              actual_bytes, size_bytes),
                  "correct size in the manifest");
    }
  }
  if (writable_) TRY_DO(SetAside(path));
  return std::optional<Verified<Bytes>>();
}

Result<void> ArtifactStore::Put(const Verified<Bytes>& bytes, const Sha256Digest& sha256) const {
  if (Sha256(*bytes) != sha256) {
    return Fail(ExitCode::kInternal,
                fmt::format("bytes of another digest for '{}'", PathOf(sha256).string()));
  }
  TRY(const auto stored, Load(sha256, bytes->size()));
  if (stored) return {};  // SD cards wear
  return WriteFileDurably(PathOf(sha256), *bytes);
}

}  // namespace lastgood
