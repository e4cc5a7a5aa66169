// SPDX-License-Identifier: MIT
// Walks a plan through the state table: fetch → setup → identify → secure a fallback → flash →
// health → commit, or the rollback instead. Every state is on disk before its action.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "flash/esp_loader.h"
#include "plan/plan.h"
#include "record/record.h"
#include "report/reporter.h"
#include "run/seams.h"

namespace lastgood {

struct RunOptions {
  bool force = false;        // flash settings that the plan refuses
  bool retry = false;        // quarantined firmware
  bool no_fallback = false;  // flash without a secured fallback
  bool no_backup = false;    // do not read an unknown board's flash before its first write
  bool host_only = false;    // fetch, set the host up, and leave the board alone
  bool keep_going = false;   // of host steps: a failure stops only what needs it
  bool reboot = false;       // reboot when the host steps need it, and go on by itself
  LoaderChoice loader = LoaderChoice::kAuto;
  std::string serial_device;  // instead of the recipe's
  // What the board must be before anything is written to it: its MAC address and the size of its
  // flash. Empty and 0: whichever is there.
  std::string board;
  std::uint32_t flash_size_bytes = 0;

  std::string Encode() const;
  static RunOptions Decode(const std::string& text);
};

// How a run ended. `error` is set for every exit code but 0; `text` says what the board runs.
struct RunOutcome {
  RunId run = 0;
  ExitCode code = ExitCode::kDone;
  std::string text;
  std::string hint;
  std::string board;
  std::string firmware;
  bool changed = false;
  bool rolled_back = false;
};

// The texts behind a plan: a run is taken up again from these, not from files that may have
// changed.
struct PlanSource {
  std::string command = "provision";
  std::string manifest_source;
  std::string recipe_source;
  std::optional<StageEvent> trust{};  // who signed them, when there is something to say
};

// A run that was cut before it touched a board is over as soon as another one begins.
Result<void> DropUnbegun(Record& record);
// A new run in the record, in state "planned", told to the reporter.
Result<RunId> StartRun(Seams& seams, const Plan& plan, const PlanSource& source,
                       const RunOptions& options);

RunOutcome Provision(Seams& seams, const Plan& plan, const PlanSource& source,
                     const RunOptions& options);

// Finishes or rolls back every run that an earlier process left unfinished, oldest first, and
// returns the last outcome; nullopt when there is none. kInternal when the record cannot be read.
Result<std::optional<RunOutcome>> ResumeRuns(Seams& seams);

// The same, but only for runs that had begun to write: nothing new is begun on an unproven board.
Result<std::optional<RunOutcome>> FinishUnproven(Seams& seams);

}  // namespace lastgood
