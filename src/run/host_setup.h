// SPDX-License-Identifier: MIT
// The host steps of a run: setup/ joined with the record. What a step changes is in the record
// before it is changed, and can be taken back from there by a later process.
#pragma once

#include <cstddef>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "plan/plan.h"
#include "record/record.h"
#include "run/journal.h"
#include "run/seams.h"
#include "setup/prepare_steps.h"
#include "setup/setup_runner.h"

namespace lastgood {

// The record as a log of one run's changes. `enter` is told of each step that changes something,
// as "2/5 apt: picocom".
class RecordedSteps final : public SetupLog {
 public:
  using Enter = std::function<Result<void>(const std::string& detail)>;
  RecordedSteps(Record& record, RunId run, std::string boot_id, std::size_t count, Enter enter)
      : record_(record),
        run_(run),
        boot_id_(std::move(boot_id)),
        count_(count),
        enter_(std::move(enter)) {}

  Result<void> BeforeStep(std::size_t index, const Step& step) override;
  Result<std::int64_t> BeforeChange(const Step& step, const RecordedChange& change) override;
  Result<void> AfterChange(std::int64_t id, const RecordedChange& change) override;
  Result<std::vector<LoggedChange>> Made() override;
  Result<void> Undone(std::int64_t id) override;

 private:
  Record& record_;
  RunId run_;
  std::string boot_id_;
  std::size_t count_;
  Enter enter_;
};

// Steps that changed the host since it was started; all that ever did where the kernel's present
// run can not be told.
Result<std::set<std::string>> ChangedSinceBoot(const Record& record, const std::string& boot_id);

// kInternal for a change of another version of lastgood.
Result<std::vector<LoggedChange>> Decoded(const std::vector<HostChange>& changes);

// Steps, changes and conflicts as lines of a report.
std::vector<StageEvent> StagesOf(const UndoSummary& summary);

// Runs the plan's steps on seams.host, and says so in the journal. Returns whether anything was
// changed. Errors as of PrepareSteps, CheckPrivilege and RunSteps.
Result<bool> SetUpHost(Seams& seams, const Plan& plan, Journal& journal, SetupOptions options);

// Takes back everything that this run made; `why` is then told with what came of it.
Error TakeBack(Seams& seams, Journal& journal, Error why);

}  // namespace lastgood
