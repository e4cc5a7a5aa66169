// SPDX-License-Identifier: MIT
// The files of a host below its root directory ("/", or a mounted card), looked at and changed.
//
// Rules: links are followed as that host would follow them, one component at a time and by
// descriptor, so that nothing outside the root is ever reached. For root, no step of the way leads
// from what an unprivileged user owns to what another user owns, and a link counts only where its
// owner owns the directory in which it stands, or is root: a link that somebody put into a
// directory of their own, or into /tmp, can not turn a write elsewhere. A file gets its new content
// by a rename, never in place, and is durable when the call returns.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace lastgood {

enum class FileKind { kAbsent, kFile, kDirectory, kLink, kOther };

// What is at a path.
struct FileState {
  FileKind kind = FileKind::kAbsent;
  Bytes content;           // kFile
  std::string target;      // kLink
  std::uint32_t mode = 0;  // permission bits of a file or directory, 07777 at most
  std::uint32_t uid = 0;   // of a file, directory or link
  std::uint32_t gid = 0;
  std::int64_t modified_ns = 0;  // since 1970-01-01T00:00:00Z; of a file. 0 for Put(): now

  bool operator==(const FileState&) const = default;
};

class HostTree {
 public:
  static constexpr std::uint64_t kContentMax = 64U << 20;

  explicit HostTree(std::filesystem::path root) : root_(std::move(root)) {}

  const std::filesystem::path& root() const { return root_; }
  bool IsRunningHost() const { return root_ == "/"; }

  // Paths are absolute, as on that host: "/etc/fstab". All of these fail with kSetupFailed, naming
  // the path and why.

  // `path` with every link followed, the one at its end as well; the end need not exist, and what
  // is missing before it is taken as it is spelled.
  Result<std::string> Resolve(std::string_view path) const;

  // What is at `path`; a link at its end is what is there. kAbsent also when its directory is not
  // there. Fails for a file of more than kContentMax octets.
  Result<FileState> Look(std::string_view path) const;

  // Makes `path` what `state` says, durably. Its directory must exist. A directory that is to go
  // must be empty. Where the file system has no owners and modes (a FAT boot partition), those are
  // left out. Nothing is left behind on failure, and what was there stays. Two processes must not
  // write the same path at the same time. A file that is replaced loses its extended attributes,
  // and its other hard links keep the old content.
  Result<void> Put(std::string_view path, const FileState& state) const;

  // Removes what a Put() of `path` that was cut (a signal, a power failure) left beside it. Put()
  // does so as well.
  void Tidy(std::string_view path) const;

  // Whether this process may change what is at `path`, or make it and what of its directories is
  // missing. A read-only file system is a failure, not a matter of privilege.
  Result<bool> MayChange(std::string_view path) const;

 private:
  std::filesystem::path root_;
};

}  // namespace lastgood
