// SPDX-License-Identifier: MIT
// One process at a time downloads an artifact: flock(2) on NAME.part.lock, which goes away with its
// holder, however that ends; the file itself is removed by who is done. Private to fetch/.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <utility>

#include "base/result.h"
#include "host/clock.h"
#include "host/file_lock.h"
#include "host/interrupt.h"

namespace lastgood {

class DownloadLock {
 public:
  // Of the artifact that is to become `destination`. `waiting`, if any, is called once before the
  // first wait. kBusy after `wait_max`, kInterrupted.
  static Result<DownloadLock> Acquire(const std::filesystem::path& destination, Clock& clock,
                                      std::chrono::milliseconds wait_max,
                                      const Interrupt& interrupt,
                                      const std::function<void()>& waiting);
  ~DownloadLock();
  DownloadLock(DownloadLock&& other) noexcept
      : path_(std::exchange(other.path_, {})), lock_(std::move(other.lock_)) {}
  DownloadLock& operator=(DownloadLock&&) = delete;

 private:
  DownloadLock(std::filesystem::path path, FileLock lock)
      : path_(std::move(path)), lock_(std::move(lock)) {}

  std::filesystem::path path_;  // empty: moved from
  FileLock lock_;
};

}  // namespace lastgood
