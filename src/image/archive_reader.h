// SPDX-License-Identifier: MIT
// The entries of an archive in memory, one after the other. The only file that knows libarchive is
// its .cc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace lastgood {

enum class ArchiveKind {
  kZip,
  kTar,         // not compressed
  kCompressed,  // one content: gzip, bzip2, xz, zstd
};

struct ArchiveEntry {
  std::string name;  // as the archive spells it; empty when it is not text
  bool is_file = false;
  bool is_directory = false;
  bool is_encrypted = false;
  std::uint32_t mode = 0;  // permission bits
};

class ArchiveReader {
 public:
  // `bytes` must outlive the reader. Nothing but `kind` is understood.
  static Result<ArchiveReader> Open(ByteSpan bytes, ArchiveKind kind);
  ~ArchiveReader();
  ArchiveReader(ArchiveReader&&) noexcept;
  ArchiveReader& operator=(ArchiveReader&&) noexcept;

  // nullopt behind the last. kNotTrusted: damaged or cut off.
  Result<std::optional<ArchiveEntry>> Next();

  // Of the entry that Next() returned; stops as soon as there is more than `size_max`, with more
  // than that in hand. kNotTrusted: damaged or cut off.
  Result<Bytes> Content(std::uint64_t size_max);

  // How often the octets are compressed, one inside the other; known after Next().
  int compressions() const;

  // Octets of the archive that were used so far.
  std::uint64_t consumed() const;

 private:
  struct Handle;
  explicit ArchiveReader(std::unique_ptr<Handle> handle);
  std::unique_ptr<Handle> handle_;
};

}  // namespace lastgood
