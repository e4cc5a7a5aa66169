// SPDX-License-Identifier: MIT
// One lastgood at a time on a state directory or a board. flock(2): released by the kernel when the
// process ends, however it ends, so there are no stale locks.
#pragma once

#include <chrono>
#include <filesystem>

#include "base/result.h"
#include "host/clock.h"

namespace lastgood {

class FileLock {
 public:
  // Creates `path` if need be, waits up to `wait`, then fails with kBusy naming the holder's
  // process id (which is written into the file).
  static Result<FileLock> Acquire(const std::filesystem::path& path, Clock& clock,
                                  std::chrono::milliseconds wait);
  ~FileLock();
  // Whether `path` still names the locked file: a lock on a file that somebody removed excludes
  // nobody any more.
  bool IsAt(const std::filesystem::path& path) const;
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&& other) noexcept;

 private:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_ = -1;
};

}  // namespace lastgood
