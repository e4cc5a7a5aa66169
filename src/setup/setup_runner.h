// SPDX-License-Identifier: MIT
// Walks a list of steps: what is pending? → record → make it → is anything pending still? Whatever
// fails, the changes of this run are taken back, newest first, and the failure says so.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "host/interrupt.h"
#include "setup/changes.h"
#include "setup/content_store.h"
#include "setup/step.h"

namespace lastgood {

// A change in the record. `id` is the record's.
struct LoggedChange {
  std::int64_t id = 0;
  std::string step;  // Describe() of the step that made it
  RecordedChange change;
};

// Where changes are recorded. When a call has returned, it is on disk; a failure stops the walk.
class SetupLog {
 public:
  virtual ~SetupLog() = default;
  virtual Result<void> BeforeStep(std::size_t index, const Step& step) = 0;
  virtual Result<std::int64_t> BeforeChange(const Step& step, const RecordedChange& change) = 0;
  virtual Result<void> AfterChange(std::int64_t id, const RecordedChange& change) = 0;
  // This run's changes that are not taken back, newest first, also those from before a cut.
  virtual Result<std::vector<LoggedChange>> Made() = 0;
  virtual Result<void> Undone(std::int64_t id) = 0;
};

struct PlannedStep {
  std::unique_ptr<Step> step;
  std::vector<std::size_t> needs;  // indices of earlier steps
};

struct SetupOptions {
  bool keep_going = false;  // a failed step stops only those that need it, and nothing is undone
};

struct SetupSummary {
  std::size_t done_already = 0;
  std::size_t changed = 0;
  std::vector<std::string> names;  // Describe() of the changed steps, in order
  std::vector<std::string> notes;
};

// Before anything is changed: every step whose pending changes this process may not make.
// kSetupFailed names them and says how to get the right; success for root. What can not be told yet
// is not a reason.
Result<void> CheckPrivilege(std::vector<PlannedStep>& steps, const SetupHost& host);

// The record is read before anything is changed. kSetupFailed "…; undone", or naming what could not
// be undone; kInterrupted and the log's failures keep their code and are undone just the same.
// kRebootNeeded: what was made stays, and the next walk goes on behind it.
Result<SetupSummary> RunSteps(std::vector<PlannedStep>& steps, SetupHost& host,
                              const ContentStore& contents, SetupLog& log,
                              const Interrupt& interrupt, SetupOptions options);

// Takes back what `log` has of this run, and adds to `failure` what came of it: "…; undone".
Error UndoneAfter(Error failure, const SetupHost& host, const ContentStore& contents,
                  SetupLog& log);

struct UndoSummary {
  std::vector<std::string> undone;    // steps, in the order in which they were taken back
  std::vector<std::string> failures;  // "'apt: picocom': apt-get failed …"
  std::vector<Conflict> conflicts;
  std::vector<std::string> notes;

  bool complete() const { return failures.empty() && conflicts.empty(); }
  // Of what is left, one each.
  std::vector<std::string> Reasons() const;
};

// As CheckPrivilege, for taking back.
Result<void> CheckUndoPrivilege(const std::vector<LoggedChange>& changes, const SetupHost& host);

// Takes back `changes`, newest first as they come, and tells the log of each. Goes on after a
// failure or a conflict: those stay in the record.
Result<UndoSummary> UndoChanges(const std::vector<LoggedChange>& changes, const SetupHost& host,
                                const ContentStore& contents, SetupLog& log);

}  // namespace lastgood
