// SPDX-License-Identifier: MIT
#include "setup/file_plan.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace lastgood {
namespace {

constexpr std::uint32_t kNewFileMode = 0644;
constexpr std::uint32_t kNewDirectoryMode = 0755;
constexpr std::uint32_t kPermissionBits = 0777;

std::string_view NameOf(FileKind kind) {
  switch (kind) {
    case FileKind::kAbsent:
      return "missing";
    case FileKind::kFile:
      return "a file";
    case FileKind::kDirectory:
      return "a directory";
    case FileKind::kLink:
      return "a link";
    case FileKind::kOther:
      break;
  }
  return "a device, socket or FIFO";
}

tl::unexpected<Error> FailInTheWay(const FilePlace& place, std::string_view wanted) {
  return Fail(ExitCode::kSetupFailed,
              fmt::format("'{}' is {}, not {}", place.path, NameOf(place.now.kind), wanted),
              "move it away, or give another path");
}

}  // namespace

Result<FilePlace> FindPlace(std::string_view path, const SetupHost& host) {
  FilePlace place;
  TRY(place.path, host.tree.Resolve(path));
  TRY(place.now, host.tree.Look(place.path));
  return place;
}

Result<FilePlace> FindFile(std::string_view path, const SetupHost& host) {
  TRY(FilePlace place, FindPlace(path, host));
  if (place.now.kind == FileKind::kFile || place.now.kind == FileKind::kAbsent) return place;
  return FailInTheWay(place, "a file");
}

std::string FileClaim(std::string_view path, const SetupHost& host) {
  const Result<std::string> resolved = host.tree.Resolve(path);
  return fmt::format("file {}", resolved ? *resolved : std::string(path));
}

Result<void> FilePlan::WantFile(std::string_view path, Bytes content,
                                const FileAttributes& attributes) {
  TRY(const FilePlace place, FindFile(path, host_));
  return WantFile(place, std::move(content), attributes);
}

Result<void> FilePlan::WantFile(const FilePlace& place, Bytes content,
                                const FileAttributes& attributes) {
  FileState after{FileKind::kFile, std::move(content), {}, 0, 0, 0, 0};
  const bool is_rewritten = after.content != place.now.content;
  // Its time is that of its content.
  if (!is_rewritten) after.modified_ns = place.now.modified_ns;
  TRY_DO(SetAttributes(after, place.now, attributes, kNewFileMode));
  // As the kernel does for every write: rights of a program are not those of its successor.
  if (is_rewritten) after.mode &= kPermissionBits;
  if (place.now.kind == FileKind::kAbsent) TRY_DO(WantParentsOf(place.path));
  Become(place.path, place.now, std::move(after));
  return {};
}

Result<void> FilePlan::WantDirectory(std::string_view path, const FileAttributes& attributes) {
  TRY(const FilePlace place, FindPlace(path, host_));
  const bool is_missing = place.now.kind == FileKind::kAbsent;
  if (!is_missing && place.now.kind != FileKind::kDirectory)
    return FailInTheWay(place, "a directory");
  if (is_missing && !made_.insert(place.path).second) return {};
  FileState after{FileKind::kDirectory, {}, {}, 0, 0, 0, 0};
  TRY_DO(SetAttributes(after, place.now, attributes, kNewDirectoryMode));
  if (is_missing) TRY_DO(WantParentsOf(place.path));
  Become(place.path, place.now, std::move(after));
  return {};
}

// A missing directory is wanted in turn, which asks for those above it.
Result<void> FilePlan::WantParentsOf(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos || slash == 0) return {};
  return WantDirectory(path.substr(0, slash), {});
}

Result<void> FilePlan::SetAttributes(FileState& state, const FileState& now,
                                     const FileAttributes& attributes,
                                     std::uint32_t mode_of_new) const {
  const bool is_new = now.kind == FileKind::kAbsent;
  const bool is_root = geteuid() == 0;
  state.mode = attributes.mode.value_or(is_new ? mode_of_new : now.mode);
  state.uid = is_new ? (is_root ? 0 : geteuid()) : now.uid;
  state.gid = is_new ? (is_root ? 0 : getegid()) : now.gid;
  if (!attributes.owner.empty()) {
    TRY(state.uid, FindUser(attributes.owner, host_));
  }
  if (!attributes.group.empty()) {
    TRY(state.gid, FindGroup(attributes.group, host_));
  }
  return {};
}

void FilePlan::Become(std::string path, FileState now, FileState after) {
  if (now == after) return;
  changes_.push_back({FileChange{std::move(path), std::move(now), std::move(after)}, {}});
}

}  // namespace lastgood
