// SPDX-License-Identifier: MIT
// Artifacts on disk, named by their digest: ROOT/images/<sha256>. A name is no proof (an unsynced
// image was measured to come back as a 0-byte file with the right name), so every use hashes again.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/digest_value.h"
#include "base/result.h"
#include "base/verified.h"
#include "host/clock.h"

namespace lastgood {

enum class StoredKind {
  kImage,
  kPart,      // an unfinished download, or what one left behind
  kDamaged,   // set aside
  kLeftover,  // a temporary file of a write that was cut
};

struct StoredFile {
  std::filesystem::path path;  // kPart: of the artifact that it was to become
  StoredKind kind = StoredKind::kImage;
  std::optional<Sha256Digest> sha256;  // by its name; none for a leftover
  std::uint64_t size_bytes = 0;
  WallTime modified;
};

class ArtifactStore {
 public:
  // Creates ROOT/images.
  static Result<ArtifactStore> Open(const std::filesystem::path& root);

  // Changes nothing on disk: makes no directory and sets nothing aside.
  static ArtifactStore OpenReadOnly(const std::filesystem::path& root);

  std::filesystem::path PathOf(const Sha256Digest& sha256) const;

  // Reads and hashes. nullopt when it is not there, or not whole any more: then the file is moved
  // to NAME.damaged, so that the next fetch replaces it and nothing is lost. kNotTrusted when the
  // file is whole and only `size_bytes` is wrong, kInternal when unreadable.
  Result<std::optional<Verified<Bytes>>> Load(const Sha256Digest& sha256,
                                              std::uint64_t size_bytes) const;

  // What lies there, by name, in order of digest; nothing is hashed, and files that are not the
  // store's are passed over. Empty when there is no directory.
  Result<std::vector<StoredFile>> List() const;

  // Hashes the image anew. False: it is damaged, and set aside as by Load().
  Result<bool> Check(const Sha256Digest& sha256) const;

  // Stores bytes that are verified already; durable when it returns.
  Result<void> Put(const Verified<Bytes>& bytes, const Sha256Digest& sha256) const;

 private:
  ArtifactStore(std::filesystem::path images, bool writable)
      : images_(std::move(images)), writable_(writable) {}
  std::filesystem::path images_;
  bool writable_;
};

}  // namespace lastgood
