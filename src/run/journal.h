// SPDX-License-Identifier: MIT
// The run's memory: states go to disk before their action, and every line a person saw is kept as
// evidence.
#pragma once

#include <cstddef>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "run/seams.h"
#include "run/state_table.h"

namespace lastgood {

class Journal {
 public:
  // `entered` = transitions that count and that the run has in the record already.
  Journal(Seams& seams, RunId run, int entered) : seams_(&seams), run_(run), entered_(entered) {}

  // kNeedsHands when the run has used up its transitions; kInternal when the record cannot be
  // written: then the action must not begin.
  Result<void> Enter(RunState state, const std::string& detail);

  // One stage line, with the time since StartStage().
  void StartStage();
  void Say(StageEvent event);
  void Keep(const std::string& title, const std::string& text);  // evidence only

  RunId run() const { return run_; }
  RunState state() const { return state_; }
  const std::string& evidence() const { return evidence_; }

 private:
  Seams* seams_;
  RunId run_;
  int entered_;
  RunState state_ = RunState::kPlanned;
  TimePoint stage_started_{};
  std::string evidence_;
};

// Printable text as it is, line ends kept, everything else as \xNN: a transcript that a person can
// read and attach.
std::string Printable(ByteSpan octets);

}  // namespace lastgood
