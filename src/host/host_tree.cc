// SPDX-License-Identifier: MIT
#include "host/host_tree.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <ctime>
#include <utility>

#include "host/tree_walk.h"
#include "host/write_all.h"

namespace lastgood {
namespace {

constexpr long kExfatMagic = 0x2011BAB0;
constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;

tl::unexpected<Error> FailOn(std::string_view action, std::string_view path, int error) {
  std::string hint;
  if (error == EACCES || error == EPERM)
    hint = geteuid() != 0 ? "run lastgood with sudo" : "see whether it is protected: lsattr, mount";
  if (error == ENOSPC || error == EDQUOT) hint = "make room on that file system";
  if (error == EROFS) hint = "mount that file system for writing: mount -o remount,rw";
  return Fail(ExitCode::kSetupFailed,
              fmt::format("cannot {} '{}': {}", action, path, ErrnoText(error)), std::move(hint));
}

Descriptor OpenAt(int directory, const std::string& name, int flags, mode_t mode = 0) {
  return Descriptor(RetryOnInterrupt([&] {
    return openat(directory, name.c_str(), flags | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, mode);
  }));
}

bool HasOwners(const Descriptor& file) {
  struct statfs system {};
  if (fstatfs(file.Get(), &system) != 0) return true;
  return system.f_type != MSDOS_SUPER_MAGIC && system.f_type != kExfatMagic;
}

int SyncDirectory(const Descriptor& directory) {
  // A descriptor for paths alone can not be synced.
  const Descriptor open(RetryOnInterrupt(
      [&] { return openat(directory.Get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC); }));
  return open && fsync(open.Get()) == 0 ? 0 : errno;
}

int SetOwnership(const Descriptor& file, const FileState& state) {
  if (!HasOwners(file)) return 0;
  struct stat status {};
  if (fstat(file.Get(), &status) != 0) return errno;
  if ((status.st_uid != state.uid || status.st_gid != state.gid) &&
      fchown(file.Get(), state.uid, state.gid) != 0)
    return errno;
  return fchmod(file.Get(), state.mode) == 0 ? 0 : errno;
}

int FillTemporary(const Descriptor& file, const FileState& state) {
  if (const int error = WriteAll(file, state.content); error != 0) return error;
  if (const int error = SetOwnership(file, state); error != 0) return error;
  if (state.modified_ns != 0) {
    // Rounded down, also before 1970: the nanoseconds are never negative.
    std::int64_t seconds = state.modified_ns / kNanosecondsPerSecond;
    if (state.modified_ns % kNanosecondsPerSecond < 0) --seconds;
    const timespec when{static_cast<time_t>(seconds),
                        static_cast<long>(state.modified_ns - seconds * kNanosecondsPerSecond)};
    const std::array<timespec, 2> times = {when, when};
    if (futimens(file.Get(), times.data()) != 0) return errno;
  }
  return fsync(file.Get()) == 0 ? 0 : errno;
}

// The same for every process, so that what a cut one left behind is found again. Shortened, since a
// name has a limit.
std::string TemporaryName(const std::string& name) {
  constexpr std::size_t kKept = 200;
  return fmt::format(".{}.lastgood.tmp", name.substr(0, kKept));
}

// Gives what was made under its temporary name its own one, or removes it.
int Finish(const Descriptor& directory, const std::string& temporary, const std::string& name,
           int error) {
  if (error == 0 &&
      renameat(directory.Get(), temporary.c_str(), directory.Get(), name.c_str()) != 0)
    error = errno;
  if (error != 0) unlinkat(directory.Get(), temporary.c_str(), 0);
  return error;
}

void DropLeftover(const TreePlace& place) {
  unlinkat(place.directory.Get(), TemporaryName(place.name).c_str(), 0);
}

int PutFile(const Descriptor& directory, const std::string& name, const FileState& state) {
  const std::string temporary = TemporaryName(name);
  const Descriptor file = OpenAt(directory.Get(), temporary, O_WRONLY | O_CREAT | O_EXCL, 0600);
  if (!file) return errno;
  return Finish(directory, temporary, name, FillTemporary(file, state));
}

int OwnLink(const Descriptor& directory, const std::string& name, const FileState& state) {
  struct stat made {};
  if (fstatat(directory.Get(), name.c_str(), &made, AT_SYMLINK_NOFOLLOW) != 0) return errno;
  if (made.st_uid == state.uid && made.st_gid == state.gid) return 0;
  return fchownat(directory.Get(), name.c_str(), state.uid, state.gid, AT_SYMLINK_NOFOLLOW) == 0
             ? 0
             : errno;
}

int PutLink(const Descriptor& directory, const std::string& name, const FileState& state) {
  const std::string temporary = TemporaryName(name);
  if (symlinkat(state.target.c_str(), directory.Get(), temporary.c_str()) != 0) return errno;
  return Finish(directory, temporary, name, OwnLink(directory, temporary, state));
}

int PutDirectory(const Descriptor& directory, const std::string& name, const FileState& state) {
  const bool made = mkdirat(directory.Get(), name.c_str(), 0700) == 0;
  if (!made && errno != EEXIST) return errno;
  const Descriptor opened = OpenAt(directory.Get(), name, O_RDONLY | O_DIRECTORY);
  int error = opened ? SetOwnership(opened, state) : errno;
  if (error == 0 && fsync(opened.Get()) != 0) error = errno;
  if (error != 0 && made) unlinkat(directory.Get(), name.c_str(), AT_REMOVEDIR);
  return error;
}

int Remove(const Descriptor& directory, const std::string& name) {
  struct stat status {};
  if (fstatat(directory.Get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0)
    return errno == ENOENT ? 0 : errno;
  const int flags = S_ISDIR(status.st_mode) ? AT_REMOVEDIR : 0;
  return unlinkat(directory.Get(), name.c_str(), flags) == 0 ? 0 : errno;
}

int ReadContent(const Descriptor& file, Bytes& content) {
  std::array<std::uint8_t, 65536> chunk;
  for (;;) {
    const ssize_t count =
        RetryOnInterrupt([&] { return read(file.Get(), chunk.data(), chunk.size()); });
    if (count < 0) return errno;
    if (count == 0) return 0;
    if (content.size() + static_cast<std::size_t>(count) > HostTree::kContentMax) return EFBIG;
    content.insert(content.end(), chunk.begin(), chunk.begin() + count);
  }
}

FileState AttributesOf(const struct stat& status) {
  FileState state;
  state.kind = S_ISREG(status.st_mode)   ? FileKind::kFile
               : S_ISDIR(status.st_mode) ? FileKind::kDirectory
               : S_ISLNK(status.st_mode) ? FileKind::kLink
                                         : FileKind::kOther;
  constexpr mode_t kModeBits = 07777;
  if (state.kind != FileKind::kLink) state.mode = status.st_mode & kModeBits;
  state.uid = status.st_uid;
  state.gid = status.st_gid;
  if (state.kind == FileKind::kFile)
    state.modified_ns = status.st_mtim.tv_sec * kNanosecondsPerSecond + status.st_mtim.tv_nsec;
  return state;
}

// Content and attributes of one and the same file, whatever takes its name meanwhile.
int ReadRegular(const Descriptor& directory, const std::string& name, FileState& state) {
  // Non-blocking: what was a file a moment ago may be a FIFO now.
  const Descriptor file = OpenAt(directory.Get(), name, O_RDONLY | O_NONBLOCK);
  struct stat status {};
  if (!file || fstat(file.Get(), &status) != 0) return errno;
  state = AttributesOf(status);
  if (state.kind != FileKind::kFile) return EAGAIN;
  return ReadContent(file, state.content);
}

}  // namespace

Result<std::string> HostTree::Resolve(std::string_view path) const {
  TRY(TreePlace place, WalkTo(root_, path, LinkAtEnd::kFollow));
  return std::move(place.path);
}

Result<FileState> HostTree::Look(std::string_view path) const {
  TRY(const TreePlace place, WalkTo(root_, path, LinkAtEnd::kKeep));
  if (!place.missing.empty()) return FileState{};
  struct stat status {};
  if (fstatat(place.directory.Get(), place.name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno == ENOENT) return FileState{};
    return FailOn("look at", path, errno);
  }
  FileState state = AttributesOf(status);
  if (state.kind == FileKind::kFile) {
    if (const int error = ReadRegular(place.directory, place.name, state); error != 0)
      return FailOn("read", path, error);
  } else if (state.kind == FileKind::kLink) {
    std::array<char, PATH_MAX> target;
    const ssize_t size =
        readlinkat(place.directory.Get(), place.name.c_str(), target.data(), target.size());
    if (size < 0) return FailOn("read link", path, errno);
    state.target.assign(target.data(), static_cast<std::size_t>(size));
  }
  return state;
}

Result<void> HostTree::Put(std::string_view path, const FileState& state) const {
  TRY(const TreePlace place, WalkTo(root_, path, LinkAtEnd::kKeep));
  const bool removes = state.kind == FileKind::kAbsent;
  if (!place.missing.empty()) {
    if (removes) return {};
    return FailOn("write", path, ENOENT);
  }
  DropLeftover(place);
  int error = EINVAL;
  if (removes) error = Remove(place.directory, place.name);
  if (state.kind == FileKind::kFile) error = PutFile(place.directory, place.name, state);
  if (state.kind == FileKind::kDirectory) error = PutDirectory(place.directory, place.name, state);
  if (state.kind == FileKind::kLink) error = PutLink(place.directory, place.name, state);
  if (error == 0) error = SyncDirectory(place.directory);
  if (error != 0) return FailOn(removes ? "remove" : "write", path, error);
  return {};
}

void HostTree::Tidy(std::string_view path) const {
  const auto place = WalkTo(root_, path, LinkAtEnd::kKeep);
  if (place && place->missing.empty()) DropLeftover(*place);
}

Result<bool> HostTree::MayChange(std::string_view path) const {
  TRY(const TreePlace place, WalkTo(root_, path, LinkAtEnd::kKeep));
  if (faccessat(place.directory.Get(), ".", W_OK | X_OK, AT_EACCESS) == 0) return true;
  if (errno == EACCES || errno == EPERM) return false;
  return FailOn("write", path, errno);
}

}  // namespace lastgood
