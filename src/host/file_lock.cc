// SPDX-License-Identifier: MIT
#include "host/file_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <utility>

#include "host/descriptor.h"
#include "host/processes.h"

namespace lastgood {
namespace {

constexpr std::chrono::milliseconds kPollInterval{50};

// flock(2) works through a read-only descriptor too, so another user's lock file still keeps us
// out.
Descriptor OpenLockFile(const std::filesystem::path& path) {
  constexpr int kFlags = O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
  Descriptor file(open(path.c_str(), O_RDWR | O_CREAT | kFlags, 0644));
  if (!file && errno == EACCES) file = Descriptor(open(path.c_str(), O_RDONLY | kFlags));
  return file;
}

// Only a help for people: the lock is the kernel's, and holds whether or not this can be written.
void WriteHolder(int file) {
  const std::string text = fmt::format("{}\n", getpid());
  [[maybe_unused]] const int truncated = ftruncate(file, 0);
  [[maybe_unused]] const ssize_t written = pwrite(file, text.data(), text.size(), 0);
}

std::string NameHolder(const Descriptor& file) {
  std::array<char, 32> text;
  const ssize_t size = pread(file.Get(), text.data(), text.size(), 0);
  int pid = 0;
  if (size > 0) std::from_chars(text.data(), text.data() + size, pid);
  return pid > 0 ? DescribeProcess(pid) : "another process";
}

}  // namespace

Result<FileLock> FileLock::Acquire(const std::filesystem::path& path, Clock& clock,
                                   std::chrono::milliseconds wait) {
  Descriptor file = OpenLockFile(path);
  if (!file)
    return Fail(ExitCode::kInternal,
                fmt::format("cannot open lock file '{}': {}", path.string(), ErrnoText(errno)));
  const Deadline deadline(clock, wait);
  while (flock(file.Get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR)
      return Fail(ExitCode::kInternal,
                  fmt::format("cannot lock '{}': {}", path.string(), ErrnoText(errno)));
    if (deadline.Expired())
      return Fail(ExitCode::kBusy,
                  fmt::format("'{}' is locked by {}", path.string(), NameHolder(file)),
                  "wait until it has finished");
    clock.SleepUntil(std::min(deadline.At(), clock.Now() + kPollInterval));
  }
  WriteHolder(file.Get());
  return FileLock(file.Release());
}

FileLock::~FileLock() {
  if (descriptor_ < 0) return;
  [[maybe_unused]] const int truncated = ftruncate(descriptor_, 0);
  // Not left to close(2): a forked child that has not called exec yet still has the file open.
  flock(descriptor_, LOCK_UN);
  close(descriptor_);
}

bool FileLock::IsAt(const std::filesystem::path& path) const {
  struct stat locked {};
  struct stat named {};
  return fstat(descriptor_, &locked) == 0 && stat(path.c_str(), &named) == 0 &&
         locked.st_dev == named.st_dev && locked.st_ino == named.st_ino;
}

FileLock::FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

}  // namespace lastgood
