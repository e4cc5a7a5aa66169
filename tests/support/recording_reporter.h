// SPDX-License-Identifier: MIT
// A Reporter that can be asked afterwards what it was told.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "report/reporter.h"

namespace lastgood::test {

class RecordingReporter final : public Reporter {
 public:
  void Stage(const StageEvent& event) override;
  void Progress(const ProgressEvent& event) override;
  void State(const StateEvent& event) override;
  void Outcome(const OutcomeEvent& event) override;

  const std::vector<StageEvent>& stages() const { return stages_; }
  const std::vector<ProgressEvent>& progress() const { return progress_; }
  const std::vector<StateEvent>& states() const { return states_; }
  const std::vector<OutcomeEvent>& outcomes() const { return outcomes_; }

  // The last event of this stage; nullptr when there was none.
  const StageEvent* LastStage(std::string_view stage) const;
  // "planned fetched identified": the states in order, without their details.
  std::string StateNames() const;
  // Everything but progress in the order in which it came, one line each:
  // "stage fetch ok: 642 KB", "state 1 planned", "outcome 1 exit 0: …".
  const std::vector<std::string>& lines() const { return lines_; }
  std::string Text() const;

 private:
  std::vector<StageEvent> stages_;
  std::vector<ProgressEvent> progress_;
  std::vector<StateEvent> states_;
  std::vector<OutcomeEvent> outcomes_;
  std::vector<std::string> lines_;
};

}  // namespace lastgood::test
