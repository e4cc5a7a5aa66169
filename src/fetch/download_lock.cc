// SPDX-License-Identifier: MIT
#include "fetch/download_lock.h"

#include <algorithm>
#include <system_error>
#include <utility>

namespace lastgood {
namespace {

constexpr std::chrono::milliseconds kInterruptCheck{100};

}  // namespace

Result<DownloadLock> DownloadLock::Acquire(const std::filesystem::path& destination, Clock& clock,
                                           std::chrono::milliseconds wait_max,
                                           const Interrupt& interrupt,
                                           const std::function<void()>& waiting) {
  std::filesystem::path path = destination;
  path += ".part.lock";
  const Deadline deadline(clock, wait_max);
  std::chrono::milliseconds slice{0};
  for (;;) {
    TRY_DO(interrupt.Check());
    auto lock = FileLock::Acquire(path, clock, slice);
    if (lock) {
      // Its holder removed the file before we had it: who comes now locks another one.
      if (lock->IsAt(path)) return DownloadLock(std::move(path), *std::move(lock));
      continue;
    }
    if (lock.error().code != ExitCode::kBusy || deadline.Expired())
      return Fail(std::move(lock).error());
    if (slice.count() == 0 && waiting) waiting();
    slice = std::min(kInterruptCheck, deadline.Remaining());
  }
}

// Removed while it is held: nobody can have locked it meanwhile.
DownloadLock::~DownloadLock() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove(path_, ignored);
}

}  // namespace lastgood
