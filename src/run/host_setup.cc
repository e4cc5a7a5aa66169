// SPDX-License-Identifier: MIT
#include "run/host_setup.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>

namespace lastgood {
namespace {

StageEvent StageOf(const SetupSummary& summary, const PreparedSteps& prepared) {
  std::string text = fmt::format("{} steps: {} done already, {} changed", prepared.steps.size(),
                                 summary.done_already, summary.changed);
  if (summary.changed > 0) text += fmt::format(" ({})", fmt::join(summary.names, ", "));
  if (!prepared.left_out.empty())
    text += fmt::format(", {} not for this host", prepared.left_out.size());
  return {"host", StageOutcome::kOk, std::move(text), summary.notes, {}};
}

RecordedSteps LogOf(Seams& seams, Journal& journal, std::size_t count) {
  return {
      seams.record, journal.run(), seams.host->boot_id, count,
      [&journal](const std::string& detail) { return journal.Enter(RunState::kSetup, detail); }};
}

}  // namespace

Result<void> RecordedSteps::BeforeStep(std::size_t index, const Step& step) {
  return enter_(fmt::format("{}/{} {}", index + 1, count_, step.Describe()));
}

Result<std::int64_t> RecordedSteps::BeforeChange(const Step& step, const RecordedChange& change) {
  return record_.AddHostChange({0, run_, step.Describe(), boot_id_, EncodeChange(change)});
}

Result<void> RecordedSteps::AfterChange(std::int64_t id, const RecordedChange& change) {
  return record_.UpdateHostChange(id, EncodeChange(change));
}

Result<std::vector<LoggedChange>> RecordedSteps::Made() {
  TRY(const std::vector<HostChange> changes, record_.HostChangesOf(run_));
  return Decoded(changes);
}

Result<void> RecordedSteps::Undone(std::int64_t id) { return record_.MarkUndone(id); }

Result<std::set<std::string>> ChangedSinceBoot(const Record& record, const std::string& boot_id) {
  std::set<std::string> steps;
  TRY(const std::vector<HostChange> changes, record.HostChanges());
  for (const HostChange& change : changes)
    if (boot_id.empty() || change.boot == boot_id) steps.insert(change.step);
  return steps;
}

Result<std::vector<LoggedChange>> Decoded(const std::vector<HostChange>& changes) {
  std::vector<LoggedChange> decoded;
  for (const HostChange& change : changes) {
    TRY(RecordedChange recorded, DecodeChange(change.change));
    decoded.push_back({change.id, change.step, std::move(recorded)});
  }
  return decoded;
}

std::vector<StageEvent> StagesOf(const UndoSummary& summary) {
  std::vector<StageEvent> stages;
  for (const std::string& step : summary.undone)
    stages.push_back({"undo", StageOutcome::kOk, step, {}, {}});
  for (const Conflict& conflict : summary.conflicts)
    stages.push_back(
        {"undo", StageOutcome::kFail, conflict.text + ", and stays", conflict.details, {}});
  for (const std::string& failure : summary.failures)
    stages.push_back({"undo", StageOutcome::kFail, failure, {}, {}});
  for (const std::string& note : summary.notes)
    stages.push_back({"undo", StageOutcome::kNote, note, {}, {}});
  return stages;
}

Result<bool> SetUpHost(Seams& seams, const Plan& plan, Journal& journal, SetupOptions options) {
  if (plan.steps.empty()) return false;
  journal.StartStage();
  SetupHost& host = *seams.host;
  TRY(PreparedSteps prepared, PrepareSteps(plan.steps, host));
  TRY(host.changed_since_boot, ChangedSinceBoot(seams.record, host.boot_id));
  RecordedSteps log = LogOf(seams, journal, prepared.steps.size());
  Result<SetupSummary> summary = Fail(Error{});
  if (const auto permitted = CheckPrivilege(prepared.steps, host); !permitted)
    summary = Fail(permitted.error());
  else
    summary = RunSteps(prepared.steps, host, *seams.contents, log, seams.interrupt, options);
  if (summary) {
    journal.Say(StageOf(*summary, prepared));
    return summary->changed > 0;
  }
  const bool reboot = summary.error().code == ExitCode::kRebootNeeded;
  journal.Say({"host",
               reboot ? StageOutcome::kNote : StageOutcome::kFail,
               summary.error().message,
               {},
               {}});
  return Fail(std::move(summary).error());
}

Error TakeBack(Seams& seams, Journal& journal, Error why) {
  RecordedSteps log = LogOf(seams, journal, 0);
  Error ended = UndoneAfter(std::move(why), *seams.host, *seams.contents, log);
  journal.Say({"host", StageOutcome::kFail, ended.message, {}, {}});
  return ended;
}

}  // namespace lastgood
