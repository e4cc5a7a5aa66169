// SPDX-License-Identifier: MIT
// Events as JSON lines for programs: docs/events.md. One object a line, each line complete when it
// is written. Progress comes at most five times a second, but its last event always.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "host/clock.h"
#include "report/output_sink.h"
#include "report/rate_meter.h"
#include "report/reporter.h"

namespace lastgood {

// `sink` and `clock` must outlive it.
class JsonReporter final : public Reporter {
 public:
  JsonReporter(OutputSink& sink, const Clock& clock) : sink_(sink), clock_(clock) {}
  ~JsonReporter() override;
  JsonReporter(const JsonReporter&) = delete;
  JsonReporter& operator=(const JsonReporter&) = delete;

  void Stage(const StageEvent& event) override;
  void Progress(const ProgressEvent& event) override;
  void State(const StateEvent& event) override;
  void Outcome(const OutcomeEvent& event) override;

 private:
  // The progress of one board's stage.
  struct Followed {
    std::string stage;
    RateMeter meter;
    TimePoint last_written{};
    std::optional<ProgressEvent> held_back;
  };

  void WriteProgress(const ProgressEvent& event, const RateMeter& meter);
  void WriteHeldBack(Followed& followed);

  OutputSink& sink_;
  const Clock& clock_;
  std::map<std::string, Followed> followed_;  // by device
};

}  // namespace lastgood
