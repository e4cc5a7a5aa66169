// SPDX-License-Identifier: MIT
#include "run/undo_host.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "base/nearest_word.h"
#include "run/host_setup.h"
#include "run/reboot.h"

namespace lastgood {
namespace {

Result<std::vector<HostChange>> NewestRun(const Record& record) {
  TRY(std::vector<HostChange> changes, record.HostChanges());
  if (!changes.empty())
    std::erase_if(changes, [newest = changes.front().run](const HostChange& change) {
      return change.run != newest;
    });
  return changes;
}

// A slip in a name is not "nothing to do".
Result<void> RequireKnown(const Record& record, const std::string& manifest) {
  TRY(const std::vector<RunRecord> runs, record.NewestOfEachManifest());
  std::vector<std::string> names;
  for (const RunRecord& run : runs) names.push_back(run.start.manifest_name);
  if (std::find(names.begin(), names.end(), manifest) != names.end()) return {};
  const auto nearest = NearestWord(manifest, names);
  return Fail(
      ExitCode::kUsage, fmt::format("no run of a manifest '{}' is on record", manifest),
      nearest ? fmt::format("did you mean '{}'?", *nearest) : "lastgood history lists the runs");
}

Result<std::vector<HostChange>> Wanted(const Record& record, const UndoRequest& request) {
  if (!request.manifest.empty()) {
    TRY_DO(RequireKnown(record, request.manifest));
    return record.HostChangesOf(request.manifest);
  }
  if (!request.run) return NewestRun(record);
  TRY(const std::optional<RunRecord> run, record.Find(*request.run));
  if (!run)
    return Fail(ExitCode::kUsage, fmt::format("there is no run {}", *request.run),
                "lastgood history lists the runs");
  return record.HostChangesOf(*request.run);
}

std::string NothingToDo(const UndoRequest& request) {
  if (!request.manifest.empty())
    return fmt::format("Nothing of '{}' is left on this host.", request.manifest);
  if (request.run) return fmt::format("Nothing of run {} is left to undo.", *request.run);
  return "Nothing is left to undo.";
}

// "; run 7 changed it as well: undo that one first".
std::string LaterRun(const Record& record, const std::vector<HostChange>& undone,
                     const std::vector<LoggedChange>& conflicting) {
  const auto all = record.HostChanges();
  const auto others = all ? Decoded(*all) : Result<std::vector<LoggedChange>>(Fail(Error{}));
  if (!others) return {};
  for (std::size_t i = 0; i < others->size(); ++i) {
    if ((*all)[i].run <= undone.front().run) continue;
    for (const RecordedFile& later : (*others)[i].change.files)
      for (const LoggedChange& logged : conflicting)
        for (const RecordedFile& file : logged.change.files)
          if (later.path == file.path)
            return fmt::format("run {} changed '{}' later: lastgood undo {}", (*all)[i].run,
                               file.path, (*all)[i].run);
  }
  return {};
}

std::size_t StepCount(const std::vector<HostChange>& changes) {
  std::vector<std::string> steps;
  for (const HostChange& change : changes)
    if (steps.empty() || steps.back() != change.step) steps.push_back(change.step);
  return steps.size();
}

}  // namespace

Result<RunOutcome> UndoHost(Seams& seams, const UndoRequest& request) {
  TRY(const std::vector<HostChange> changes, Wanted(seams.record, request));
  RunOutcome outcome;
  outcome.text = NothingToDo(request);
  if (changes.empty()) return outcome;
  TRY(const std::vector<LoggedChange> logged, Decoded(changes));
  TRY_DO(CheckUndoPrivilege(logged, *seams.host));
  // One that waits for a reboot would make it all again.
  TRY_DO(DropUnbegun(seams.record));
  if (const Result<void> removed = RemoveResumeUnit(*seams.host); !removed)
    seams.reporter.Stage({"undo", StageOutcome::kNote, removed.error().message, {}, {}});
  RecordedSteps log(seams.record, changes.front().run, seams.host->boot_id, 0, nullptr);
  TRY(const UndoSummary summary, UndoChanges(logged, *seams.host, *seams.contents, log));
  for (const StageEvent& stage : StagesOf(summary)) seams.reporter.Stage(stage);
  outcome.changed = !summary.undone.empty();
  TRY(const std::vector<HostChange> left, Wanted(seams.record, request));
  if (left.empty() || summary.complete()) {
    outcome.text = fmt::format("{} steps are undone, newest first.", summary.undone.size());
    return outcome;
  }
  if (request.leave_changed) {
    for (const HostChange& change : left) TRY_DO(seams.record.MarkUndone(change.id));
    outcome.text =
        fmt::format("{} steps are undone; the rest stays as it is.", summary.undone.size());
    return outcome;
  }
  outcome.code = ExitCode::kSetupFailed;
  outcome.text = fmt::format("{} of {} steps are undone; left: {}", summary.undone.size(),
                             StepCount(changes), fmt::join(summary.Reasons(), ", "));
  TRY(const std::vector<LoggedChange> conflicting, Decoded(left));
  outcome.hint = LaterRun(seams.record, changes, conflicting);
  if (outcome.hint.empty())
    outcome.hint = summary.conflicts.empty()
                       ? "mend what is named here, then run the same command again"
                       : "put back what lastgood wrote and run the same command again, or keep "
                         "it as it is with --leave-changed";
  return outcome;
}

}  // namespace lastgood
