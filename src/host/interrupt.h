// SPDX-License-Identifier: MIT
// A person's or the system's wish to stop. Loops that wait look at it at least every 100 ms and
// return ExitCode::kInterrupted; what they had begun is put right by run/.
#pragma once

#include <signal.h>

#include <array>
#include <atomic>

#include "base/result.h"

namespace lastgood {

// Safe to use from several threads.
class Interrupt {
 public:
  Interrupt() = default;
  // A view for one of several that work at the same time: it sees every request on `source`, and
  // Clear() hides those made so far from this view alone. `source` must outlive it and not be
  // cleared meanwhile.
  explicit Interrupt(const Interrupt* source) : source_(source) {}

  void Request() { requests_.fetch_add(1, std::memory_order_relaxed); }
  void Clear() {
    requests_.store(source_ != nullptr ? -source_->Count() : 0, std::memory_order_relaxed);
  }
  bool Requested() const { return Count() > 0; }
  // How often it was asked for: a person who presses Ctrl-C twice means it.
  int Count() const {
    const int own = requests_.load(std::memory_order_relaxed);
    return source_ != nullptr ? own + source_->Count() : own;
  }
  Result<void> Check() const {
    if (Requested()) return Fail(ExitCode::kInterrupted, "interrupted");
    return {};
  }

 private:
  // A signal handler may only touch what is lock-free.
  static_assert(std::atomic<int>::is_always_lock_free);
  const Interrupt* source_ = nullptr;
  std::atomic<int> requests_{0};  // of a view: its own, less those of its source that it cleared
};

// SIGINT, SIGTERM and SIGHUP make a request on `interrupt` for as long as this lives; the previous
// handlers are put back. At most one may live at a time. SIGPIPE is ignored. A signal that was
// ignored before stays ignored: nohup and a shell's background jobs mean it.
class SignalWatch {
 public:
  explicit SignalWatch(Interrupt& interrupt);
  ~SignalWatch();
  SignalWatch(const SignalWatch&) = delete;
  SignalWatch& operator=(const SignalWatch&) = delete;

 private:
  std::array<struct sigaction, 4> previous_;
};

}  // namespace lastgood
