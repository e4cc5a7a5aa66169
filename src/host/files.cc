// SPDX-License-Identifier: MIT
#include "host/files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "host/descriptor.h"

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

int WriteAll(const Descriptor& file, ByteSpan content) {
  while (!content.empty()) {
    const ssize_t written =
        RetryOnInterrupt([&] { return write(file.Get(), content.data(), content.size()); });
    if (written < 0) return errno;
    content = content.subspan(static_cast<std::size_t>(written));
  }
  return 0;
}

// A name that did not exist before and goes away unless it was renamed.
class TemporaryFile {
 public:
  TemporaryFile(const fs::path& directory, mode_t mode) {
    constexpr int kLeftoversMax = 100;  // of earlier processes with this process id, power cut
    for (int n = 0; n < kLeftoversMax && !file_; ++n) {
      path_ = directory / fmt::format(".lastgood-{}-{}.tmp", getpid(), n);
      file_ = OpenFile(path_, O_WRONLY | O_CREAT | O_EXCL, mode);
      if (!file_ && errno != EEXIST) return;
    }
  }
  ~TemporaryFile() {
    if (file_) unlink(path_.c_str());
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  const Descriptor& File() const { return file_; }

  bool RenameTo(const fs::path& path) {
    if (rename(path_.c_str(), path.c_str()) != 0) return false;
    file_.Reset();
    return true;
  }

 private:
  fs::path path_;
  Descriptor file_;
};

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

Result<void> WriteFileDurably(const fs::path& path, ByteSpan content) {
  const fs::path directory_path = DirectoryOf(path);
  // Opened first: when the directory can not be synced, nothing has been changed yet.
  const Descriptor directory = OpenFile(directory_path, O_RDONLY | O_DIRECTORY);
  if (!directory) return FailOn("write", path, errno);
  std::error_code ignored;
  // A file that is replaced may be private: nobody else gets to open its successor before it is.
  TemporaryFile temporary(directory_path, fs::exists(path, ignored) ? 0600 : 0644);
  if (!temporary.File()) return FailOn("write", path, errno);
  CopyOwnership(path, temporary.File());
  if (const int error = WriteAll(temporary.File(), content); error != 0)
    return FailOn("write", path, error);
  if (fsync(temporary.File().Get()) != 0 || !temporary.RenameTo(path))
    return FailOn("write", path, errno);
  return SyncDirectory(directory, directory_path);
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
