// SPDX-License-Identifier: MIT
#pragma once

#include "report/reporter.h"

namespace lastgood {

// Tells two reporters everything, the first one first. Both must outlive it.
class TeeReporter final : public Reporter {
 public:
  TeeReporter(Reporter& first, Reporter& second) : first_(first), second_(second) {}

  void Stage(const StageEvent& event) override {
    first_.Stage(event);
    second_.Stage(event);
  }
  void Progress(const ProgressEvent& event) override {
    first_.Progress(event);
    second_.Progress(event);
  }
  void State(const StateEvent& event) override {
    first_.State(event);
    second_.State(event);
  }
  void Outcome(const OutcomeEvent& event) override {
    first_.Outcome(event);
    second_.Outcome(event);
  }

 private:
  Reporter& first_;
  Reporter& second_;
};

}  // namespace lastgood
