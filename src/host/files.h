// SPDX-License-Identifier: MIT
// Files that are still there after a power cut. A name is final only when its content and its
// directory entry were synced: rename without fsync of file and directory was measured to lose
// acknowledged content 30 times of 30.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace lastgood {

// At most `size_max` bytes of a regular file; kInternal when missing, unreadable or larger.
Result<Bytes> ReadFile(const std::filesystem::path& path, std::uint64_t size_max);

// Temporary name beside `path`, write, fsync, rename, fsync of the directory. Nothing is left on
// failure. A file that was there keeps its mode; a link is replaced, not followed.
Result<void> WriteFileDurably(const std::filesystem::path& path, ByteSpan content);

// fsync(from), rename, fsync of the target's directory.
Result<void> RenameDurably(const std::filesystem::path& from, const std::filesystem::path& to);

// Creates the directories that are missing, mode 0755 less the umask, and syncs each new entry.
Result<void> CreateDirectories(const std::filesystem::path& path);

// Free bytes for an unprivileged writer on the file system of `path`, or of where it would be made.
Result<std::uint64_t> FreeBytes(const std::filesystem::path& path);

}  // namespace lastgood
