// SPDX-License-Identifier: MIT
// The run's memory: states go to disk before their action, and with each goes what was found out
// since the one before, as evidence for the run's report.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/result.h"
#include "evidence/evidence.h"
#include "evidence/wire_keeper.h"
#include "run/seams.h"
#include "run/state_table.h"

namespace lastgood {

class Journal {
 public:
  // `entered` = transitions that count and that the run has in the record already.
  Journal(Seams& seams, RunId run, int entered);

  // kNeedsHands when the run has used up its transitions; kInternal when the record cannot be
  // written: then the action must not begin.
  Result<void> Enter(RunState state, const std::string& detail);

  // One stage line, with the time since StartStage().
  void StartStage();
  void Say(StageEvent event);
  void Keep(EvidenceContent content);  // evidence only
  // What goes over the board's wires is told to this.
  WireLog& wires() { return wires_; }

  // What is not in the record yet, for the transaction that ends the run.
  std::vector<EvidenceRow> TakeEvidence();
  // Into the record, when the run stays unfinished. What can not be kept is lost.
  void StoreEvidence();

  RunId run() const { return run_; }
  RunState state() const { return state_; }

 private:
  void CollectWires();
  std::chrono::milliseconds OffsetOf(TimePoint time) const;

  Seams* seams_;
  RunId run_;
  int entered_;
  RunState state_ = RunState::kPlanned;
  TimePoint began_;
  TimePoint stage_started_;
  WireKeeper wires_;
  std::vector<EvidenceRow> pending_;
};

}  // namespace lastgood
