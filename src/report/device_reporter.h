// SPDX-License-Identifier: MIT
// One board's voice in a run of several: its events carry its serial device, and go to a reporter
// that all of them share, one at a time.
#pragma once

#include <mutex>
#include <string>
#include <utility>

#include "report/reporter.h"

namespace lastgood {

class DeviceReporter final : public Reporter {
 public:
  // `inner` and `mutex` are shared by the boards' threads and must outlive it.
  DeviceReporter(Reporter& inner, std::mutex& mutex, std::string device)
      : inner_(inner), mutex_(mutex), device_(std::move(device)) {}

  void Stage(const StageEvent& event) override { Pass(event, &Reporter::Stage); }
  void Progress(const ProgressEvent& event) override { Pass(event, &Reporter::Progress); }
  void State(const StateEvent& event) override { Pass(event, &Reporter::State); }
  void Outcome(const OutcomeEvent& event) override { Pass(event, &Reporter::Outcome); }

 private:
  template <class Event>
  void Pass(Event event, void (Reporter::*take)(const Event&)) {
    event.device = device_;
    const std::lock_guard<std::mutex> one_at_a_time(mutex_);
    (inner_.*take)(event);
  }

  Reporter& inner_;
  std::mutex& mutex_;
  std::string device_;
};

}  // namespace lastgood
