// SPDX-License-Identifier: MIT
#pragma once

#include "report/reporter.h"

namespace lastgood {

// Tells nobody.
class NullReporter final : public Reporter {
 public:
  void Stage(const StageEvent&) override {}
  void Progress(const ProgressEvent&) override {}
  void State(const StateEvent&) override {}
  void Outcome(const OutcomeEvent&) override {}
};

}  // namespace lastgood
