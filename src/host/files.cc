// SPDX-License-Identifier: MIT
#include "host/files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <tuple>

#include "host/write_all.h"

namespace lastgood {
namespace {

namespace fs = std::filesystem;

tl::unexpected<Error> FailOn(std::string_view action, const fs::path& path, int error) {
  std::string hint;
  if (error == ENOSPC || error == EDQUOT) hint = "free some space on its file system";
  if (error == EROFS) hint = "the file system is mounted read-only: is the SD card worn out?";
  return Fail(ExitCode::kInternal,
              fmt::format("cannot {} '{}': {}", action, path.string(), ErrnoText(error)), hint);
}

Descriptor OpenFile(const fs::path& path, int flags, mode_t mode = 0) {
  return Descriptor(RetryOnInterrupt([&] { return open(path.c_str(), flags | O_CLOEXEC, mode); }));
}

fs::path DirectoryOf(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

// EINVAL and ENOTSUP: some network and FUSE file systems can not sync a directory; there is nothing
// better to do there.
Result<void> SyncDirectory(const Descriptor& directory, const fs::path& path) {
  if (fsync(directory.Get()) == 0 || errno == EINVAL || errno == ENOTSUP) return {};
  return FailOn("sync directory", path, errno);
}

Result<Descriptor> OpenDirectory(const fs::path& path) {
  Descriptor directory = OpenFile(path, O_RDONLY | O_DIRECTORY);
  if (!directory) return FailOn("open directory", path, errno);
  return directory;
}

// A name that did not exist before: the file, and what it is called.
std::pair<Descriptor, fs::path> MakeTemporary(const fs::path& directory, mode_t mode) {
  constexpr int kLeftoversMax = 100;  // of earlier processes with this process id, power cut
  for (int n = 0; n < kLeftoversMax; ++n) {
    fs::path path = directory / fmt::format(".lastgood-{}-{}.tmp", getpid(), n);
    Descriptor file = OpenFile(path, O_WRONLY | O_CREAT | O_EXCL, mode);
    if (file || errno != EEXIST) return {std::move(file), std::move(path)};
  }
  return {};
}

// A file that is replaced keeps its mode, and its owner where we may give it away. Where the file
// system has no owners (a FAT boot partition), there is nothing to keep.
void CopyOwnership(const fs::path& from, const Descriptor& to) {
  struct stat status {};
  if (stat(from.c_str(), &status) != 0) return;
  if (fchown(to.Get(), status.st_uid, status.st_gid) == 0 || errno == EPERM)
    fchmod(to.Get(), status.st_mode & 0777);
}

Result<Descriptor> OpenForReading(const fs::path& path) {
  // Non-blocking: a FIFO would wait for a writer for ever.
  Descriptor file = OpenFile(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  struct stat status {};
  if (!file || fstat(file.Get(), &status) != 0) return FailOn("read", path, errno);
  if (S_ISDIR(status.st_mode)) return FailOn("read", path, EISDIR);
  if (!S_ISREG(status.st_mode))
    return Fail(ExitCode::kInternal,
                fmt::format("cannot read '{}': not a regular file", path.string()));
  return file;
}

}  // namespace

Result<Bytes> ReadFile(const fs::path& path, std::uint64_t size_max) {
  TRY(const Descriptor file, OpenForReading(path));
  Bytes content;
  std::array<std::uint8_t, 65536> chunk;
  for (;;) {
    const ssize_t count =
        RetryOnInterrupt([&] { return read(file.Get(), chunk.data(), chunk.size()); });
    if (count < 0) return FailOn("read", path, errno);
    if (count == 0) return content;
    if (static_cast<std::uint64_t>(count) > size_max - content.size())
      return Fail(ExitCode::kInternal,
                  fmt::format("cannot read '{}': larger than {} bytes", path.string(), size_max));
    content.insert(content.end(), chunk.begin(), chunk.begin() + count);
  }
}

Result<DurableFile> DurableFile::Create(const fs::path& path) {
  const fs::path directory_path = DirectoryOf(path);
  DurableFile made(path, OpenFile(directory_path, O_RDONLY | O_DIRECTORY));
  if (!made.directory_) return FailOn("write", path, errno);
  std::error_code ignored;
  // A file that is replaced may be private: nobody else gets to open its successor before it is.
  const mode_t mode = fs::exists(path, ignored) ? 0600 : 0644;
  std::tie(made.file_, made.temporary_path_) = MakeTemporary(directory_path, mode);
  if (!made.file_) return FailOn("write", path, errno);
  CopyOwnership(path, made.file_);
  return made;
}

DurableFile::~DurableFile() {
  if (file_) unlink(temporary_path_.c_str());
}

Result<void> DurableFile::Append(ByteSpan piece) {
  if (const int error = WriteAll(file_, piece); error != 0) return FailOn("write", path_, error);
  return {};
}

Result<void> DurableFile::MakePrivate() {
  if (fchmod(file_.Get(), 0600) != 0) return FailOn("write", path_, errno);
  return {};
}

Result<void> DurableFile::Publish() {
  if (fsync(file_.Get()) != 0 || rename(temporary_path_.c_str(), path_.c_str()) != 0)
    return FailOn("write", path_, errno);
  file_.Reset();
  return SyncDirectory(directory_, DirectoryOf(path_));
}

Result<void> WriteFileDurably(const fs::path& path, ByteSpan content) {
  TRY(DurableFile file, DurableFile::Create(path));
  TRY_DO(file.Append(content));
  return file.Publish();
}

Result<void> WritePrivateFile(const fs::path& path, ByteSpan content) {
  TRY(DurableFile file, DurableFile::Create(path));
  TRY_DO(file.MakePrivate());
  TRY_DO(file.Append(content));
  return file.Publish();
}

Result<void> RenameDurably(const fs::path& from, const fs::path& to) {
  const auto fail = [&](int error) {
    return FailOn(fmt::format("rename '{}' to", from.string()), to, error);
  };
  const Descriptor file = OpenFile(from, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  if (!file || fsync(file.Get()) != 0) return fail(errno);
  TRY(const Descriptor directory, OpenDirectory(DirectoryOf(to)));
  if (rename(from.c_str(), to.c_str()) != 0) return fail(errno);
  return SyncDirectory(directory, DirectoryOf(to));
}

Result<void> CreateDirectories(const fs::path& path) {
  fs::path prefix;
  for (const fs::path& name : path) {
    if (name.empty()) continue;  // what a trailing slash yields
    prefix /= name;
    if (mkdir(prefix.c_str(), 0755) != 0) {
      const int error = errno;
      std::error_code ignored;
      if (fs::is_directory(prefix, ignored)) continue;
      return FailOn("create directory", prefix, error == EEXIST ? ENOTDIR : error);
    }
    TRY(const Descriptor parent, OpenDirectory(DirectoryOf(prefix)));
    TRY_DO(SyncDirectory(parent, DirectoryOf(prefix)));
  }
  return {};
}

Result<std::uint64_t> FreeBytes(const fs::path& path) {
  // The state directory of a first run does not exist yet: its nearest ancestor tells.
  fs::path existing = path;
  std::error_code ignored;
  while (!fs::exists(existing, ignored) && existing.has_relative_path())
    existing = DirectoryOf(existing);
  struct statvfs status {};
  if (statvfs(existing.c_str(), &status) != 0) return FailOn("measure free space at", path, errno);
  return static_cast<std::uint64_t>(status.f_bavail) * status.f_frsize;
}

}  // namespace lastgood
