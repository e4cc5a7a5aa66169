// SPDX-License-Identifier: MIT
#include "host/interrupt.h"

namespace lastgood {
namespace {

constexpr std::array kSignals = {SIGINT, SIGTERM, SIGHUP, SIGPIPE};

// A signal handler gets no argument of ours, so what it reaches has to be static.
std::atomic<Interrupt*> watching{nullptr};

void HandleSignal(int) {
  if (Interrupt* interrupt = watching.load(std::memory_order_relaxed)) interrupt->Request();
}

}  // namespace

SignalWatch::SignalWatch(Interrupt& interrupt) : previous_{} {
  watching.store(&interrupt);
  for (std::size_t i = 0; i < kSignals.size(); ++i) {
    sigaction(kSignals[i], nullptr, &previous_[i]);
    if (previous_[i].sa_handler == SIG_IGN) continue;
    struct sigaction action {};
    action.sa_handler = kSignals[i] == SIGPIPE ? SIG_IGN : HandleSignal;
    // Libraries that do not expect EINTR go on; poll(2) returns all the same.
    action.sa_flags = SA_RESTART;
    sigaction(kSignals[i], &action, nullptr);
  }
}

SignalWatch::~SignalWatch() {
  for (std::size_t i = 0; i < kSignals.size(); ++i) sigaction(kSignals[i], &previous_[i], nullptr);
  watching.store(nullptr);
}

}  // namespace lastgood
