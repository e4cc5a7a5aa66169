// SPDX-License-Identifier: MIT
#include "run/provisioner.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "run/recorded_recipe.h"
#include "run/state_table.h"
#include "run/walk.h"

namespace lastgood {
namespace {

// What stands between `key` and the next blank; empty when it is not there.
std::string ValueIn(const std::string& text, std::string_view key) {
  const std::size_t at = text.find(key);
  if (at == std::string::npos) return "";
  const std::size_t begin = at + key.size();
  return text.substr(begin, text.find(' ', begin) - begin);
}

RunOutcome CannotBegin(const Error& error) {
  RunOutcome outcome;
  outcome.code = error.code;
  outcome.text = error.message;
  outcome.hint = error.hint;
  return outcome;
}

RunStart StartOf(const Plan& plan, const PlanSource& source, const RunOptions& options) {
  RunStart start;
  start.command = source.command;
  start.manifest_name = plan.manifest.name;
  start.manifest_source = source.manifest_source;
  start.manifest_text = plan.manifest.document.text();
  start.recipe_source = source.recipe_source;
  start.recipe_text = plan.recipe.document.text();
  for (const toml::Document& base : plan.recipe.bases)
    start.base_recipes.push_back({base.name(), base.text()});
  start.serial_device = options.serial_device;
  start.options = options.Encode();
  return start;
}

Result<Plan> PlanOf(const RunStart& start) {
  TRY(Manifest manifest, ParseManifest(start.manifest_text, start.manifest_source));
  TRY(Recipe recipe, RecipeOf(start));
  TRY(Plan plan, MakePlan(std::move(manifest), std::move(recipe)));
  if (start.command != PlanSource{}.command) plan.steps.clear();  // as PlanOfFirmware()
  return plan;
}

bool NothingWritten(OnResume row) { return row == OnResume::kDrop || row == OnResume::kStartOver; }

// What a run was about when it was cut. One that is taken up again identifies the board anew; when
// it is cut there, the board is still as unproven as the first cut left it.
RunState StateToResume(const RunRecord& run) {
  if (run.transitions.empty()) return RunState::kPlanned;
  const auto unproven =
      std::find_if(run.transitions.rbegin(), run.transitions.rend(), [](const auto& transition) {
        return !NothingWritten(RowOf(StateOfName(transition.state)).on_resume);
      });
  return StateOfName(unproven == run.transitions.rend() ? run.transitions.back().state
                                                        : unproven->state);
}

// Each reboot's state has the kernel's run that was to end.
RunPast PastOf(const RunRecord& run) {
  RunPast past;
  past.entered = 0;
  for (const RunTransition& transition : run.transitions) {
    const RunState state = StateOfName(transition.state);
    if (CountsAsTransition(state)) ++past.entered;
    if (state == RunState::kReboot) past.rebooted_from.insert(transition.detail);
  }
  return past;
}

RunOutcome Resume(Seams& seams, const RunRecord& run, const Plan& plan) {
  RunOptions options = RunOptions::Decode(run.start.options);
  options.serial_device = run.start.serial_device;
  // Another board may be on the wire since.
  if (run.mac) options.board = run.mac->ToString();
  Walk walk(seams, plan, options, run.id, PastOf(run));
  const RunState state = StateToResume(run);
  const std::string cut = fmt::format("run {} was cut in state {}", run.id, StateName(state));
  switch (RowOf(state).on_resume) {
    case OnResume::kDrop:
      return walk.Finish(ExitCode::kDone, cut + ", nothing had begun");
    case OnResume::kStartOver:
      return walk.Forward();
    case OnResume::kFlashAgain:
      return walk.FlashAgain(cut);
    case OnResume::kCheckAgain:
      return walk.CheckAgain();
    case OnResume::kRollBack:
      return walk.RollBack({ExitCode::kRolledBack, cut, ""});
    case OnResume::kFinish:
      return walk.Finish(state == RunState::kRolledBack ? ExitCode::kRolledBack : ExitCode::kDone,
                         cut);
    case OnResume::kStay:
      break;
  }
  return walk.Finish(ExitCode::kNeedsHands, cut + ", the board needs hands");
}

// Ends with the first outcome that a person interrupted: that run is still unfinished.
Result<std::optional<RunOutcome>> ResumeThose(Seams& seams, bool (*chosen)(OnResume)) {
  std::optional<RunOutcome> last;
  TRY(const std::vector<RunRecord> unfinished, seams.record.Unfinished());
  for (const RunRecord& run : unfinished) {
    if (!chosen(RowOf(StateToResume(run)).on_resume)) continue;
    TRY(const Plan plan, PlanOf(run.start));
    last = Resume(seams, run, plan);
    if (last->code == ExitCode::kInterrupted) break;
  }
  return last;
}

}  // namespace

std::string RunOptions::Encode() const {
  std::string words;
  if (force) words += "force ";
  if (retry) words += "retry ";
  if (no_fallback) words += "no-fallback ";
  if (no_backup) words += "no-backup ";
  if (host_only) words += "host-only ";
  if (keep_going) words += "keep-going ";
  if (reboot) words += "reboot ";
  if (loader == LoaderChoice::kRom) words += "loader-rom ";
  if (loader == LoaderChoice::kStub) words += "loader-stub ";
  if (!board.empty()) words += fmt::format("board={} ", board);
  if (flash_size_bytes != 0) words += fmt::format("flash-size={} ", flash_size_bytes);
  return words;
}

RunOptions RunOptions::Decode(const std::string& text) {
  RunOptions options;
  options.force = text.find("force ") != std::string::npos;
  options.retry = text.find("retry ") != std::string::npos;
  options.no_fallback = text.find("no-fallback ") != std::string::npos;
  options.no_backup = text.find("no-backup ") != std::string::npos;
  options.host_only = text.find("host-only ") != std::string::npos;
  options.keep_going = text.find("keep-going ") != std::string::npos;
  options.reboot = text.find("reboot ") != std::string::npos;
  if (text.find("loader-rom ") != std::string::npos) options.loader = LoaderChoice::kRom;
  if (text.find("loader-stub ") != std::string::npos) options.loader = LoaderChoice::kStub;
  options.board = ValueIn(text, "board=");
  const std::string size = ValueIn(text, "flash-size=");
  std::from_chars(size.data(), size.data() + size.size(), options.flash_size_bytes);
  return options;
}

Result<void> DropUnbegun(Record& record) {
  TRY(const std::vector<RunRecord> unfinished, record.Unfinished());
  for (const RunRecord& run : unfinished) {
    if (!NothingWritten(RowOf(StateToResume(run)).on_resume)) continue;
    Record::RunEnd end;
    end.exit_code = static_cast<int>(ExitCode::kInterrupted);
    end.outcome = "cut before the board was changed";
    end.keeps_running = true;
    TRY_DO(record.EndRun(run.id, end));
  }
  return {};
}

Result<RunId> StartRun(Seams& seams, const Plan& plan, const PlanSource& source,
                       const RunOptions& options) {
  TRY(const RunId run, seams.record.StartRun(StartOf(plan, source, options)));
  seams.reporter.State({run, std::string(StateName(RunState::kPlanned)), plan.manifest.name});
  return run;
}

RunOutcome Provision(Seams& seams, const Plan& plan, const PlanSource& source,
                     const RunOptions& options) {
  if (const Result<void> dropped = DropUnbegun(seams.record); !dropped) {
    return CannotBegin(dropped.error());
  }
  const Result<RunId> run = StartRun(seams, plan, source, options);
  if (!run) return CannotBegin(run.error());
  Walk walk(seams, plan, options, *run);
  if (source.trust) walk.Say(*source.trust);
  return walk.Forward();
}

Result<std::optional<RunOutcome>> ResumeRuns(Seams& seams) {
  return ResumeThose(seams, [](OnResume) { return true; });
}

Result<std::optional<RunOutcome>> FinishUnproven(Seams& seams) {
  return ResumeThose(seams, [](OnResume row) { return !NothingWritten(row); });
}

}  // namespace lastgood
