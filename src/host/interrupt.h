// SPDX-License-Identifier: MIT
// A person's or the system's wish to stop. Loops that wait look at it at least every 100 ms and
// return ExitCode::kInterrupted; what they had begun is put right by run/.
#pragma once

#include <atomic>

#include "base/result.h"

namespace lastgood {

class Interrupt {
 public:
  void Request() { requested_.store(true, std::memory_order_relaxed); }
  void Clear() { requested_.store(false, std::memory_order_relaxed); }
  bool Requested() const { return requested_.load(std::memory_order_relaxed); }
  Result<void> Check() const {
    if (Requested()) return Fail(ExitCode::kInterrupted, "interrupted");
    return {};
  }

 private:
  std::atomic<bool> requested_{false};
};

// SIGINT, SIGTERM and SIGHUP make a request on `interrupt` for as long as this lives; the previous
// handlers are put back. At most one may live at a time. SIGPIPE is ignored.
class SignalWatch {
 public:
  explicit SignalWatch(Interrupt& interrupt);
  ~SignalWatch();
  SignalWatch(const SignalWatch&) = delete;
  SignalWatch& operator=(const SignalWatch&) = delete;
};

}  // namespace lastgood
