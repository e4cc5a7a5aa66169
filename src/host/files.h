// SPDX-License-Identifier: MIT
// Files that are still there after a power cut. A name is final only when its content and its
// directory entry were synced: rename without fsync of file and directory was measured to lose
// acknowledged content 30 times of 30.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>

#include "base/bytes.h"
#include "base/result.h"
#include "host/descriptor.h"

namespace lastgood {

// At most `size_max` bytes of a regular file; kInternal when missing, unreadable or larger.
Result<Bytes> ReadFile(const std::filesystem::path& path, std::uint64_t size_max);

// Temporary name beside `path`, write, fsync, rename, fsync of the directory. Nothing is left on
// failure. A file that was there keeps its mode; a link is replaced, not followed.
Result<void> WriteFileDurably(const std::filesystem::path& path, ByteSpan content);

// The same for what is its owner's business alone: mode 0600, whatever was there.
Result<void> WritePrivateFile(const std::filesystem::path& path, ByteSpan content);

// The same piece by piece: a temporary file beside `path` that goes away unless it is published.
class DurableFile {
 public:
  // A file that is to be replaced keeps its mode.
  static Result<DurableFile> Create(const std::filesystem::path& path);
  ~DurableFile();
  DurableFile(DurableFile&& other) noexcept = default;
  DurableFile& operator=(DurableFile&&) = delete;

  Result<void> Append(ByteSpan piece);
  // Nobody but the owner may read or write it.
  Result<void> MakePrivate();
  // Gives it its name, durably. Once.
  Result<void> Publish();

 private:
  DurableFile(std::filesystem::path path, Descriptor directory)
      : path_(std::move(path)), directory_(std::move(directory)) {}
  std::filesystem::path path_;
  Descriptor directory_;  // opened first: when it can not be, nothing has been changed yet
  std::filesystem::path temporary_path_;
  Descriptor file_;  // closed once it is published
};

// fsync(from), rename, fsync of the target's directory.
Result<void> RenameDurably(const std::filesystem::path& from, const std::filesystem::path& to);

// Creates the directories that are missing, mode 0755 less the umask, and syncs each new entry.
Result<void> CreateDirectories(const std::filesystem::path& path);

// Free bytes for an unprivileged writer on the file system of `path`, or of where it would be made.
Result<std::uint64_t> FreeBytes(const std::filesystem::path& path);

}  // namespace lastgood
