// SPDX-License-Identifier: MIT
// The commands that change a board: provision, rollback, resume; and plan, which does not.

#include <algorithm>
#include <optional>
#include <utility>

#include "base/units.h"
#include "cli/bundle_source.h"
#include "cli/commands.h"
#include "cli/execute.h"
#include "cli/locate.h"
#include "cli/session.h"
#include "report/print.h"
#include "run/boards_run.h"
#include "run/preview.h"
#include "run/rollback_plan.h"

namespace lastgood {
namespace {

void PrintBoardTable(const std::vector<BoardResult>& results, std::FILE* out) {
  std::size_t width = 6;
  for (const BoardResult& result : results) width = std::max(width, result.device.size());
  Print(out, "{:<{}}  {:<17}  {:>4}  {:>7}  runs\n", "device", width, "board", "code", "time");
  for (const BoardResult& result : results) {
    const RunOutcome& outcome = result.outcome;
    Print(out, "{:<{}}  {:<17}  {:>4}  {:>7}  {}\n", result.device, width,
          outcome.board.empty() ? "-" : outcome.board, static_cast<int>(outcome.code),
          FormatSeconds(result.elapsed), outcome.firmware.empty() ? "-" : outcome.firmware);
  }
}

// What an earlier process left unproven comes first; nullopt when it could not be finished.
Result<bool> FinishEarlierRuns(Seams& seams, RunOutcome& interrupted) {
  TRY(const std::optional<RunOutcome> cut, FinishUnproven(seams));
  if (!cut) return true;
  seams.reporter.Stage({"resume", StageOutcome::kNote, cut->text, {}, {}});
  interrupted = *cut;
  return cut->code != ExitCode::kInterrupted;
}

}  // namespace

Result<ExitCode> RunProvision(const CommandLine& line, Toolbox& tools) {
  if (line.serial_devices.size() > 1) return RunProvisionBoards(line, tools);
  TRY(const LocatedPlan located, LocatePlan(line, tools));
  return WithState(line, tools, [&](Seams& seams) -> Result<RunOutcome> {
    RunOutcome interrupted;
    TRY(const bool go_on, FinishEarlierRuns(seams, interrupted));
    if (!go_on) return interrupted;
    TRY_DO(TakeBundle(located, seams.OfStore()));
    return Provision(seams, located.plan, located.source, RunOptionsOf(line));
  });
}

Result<ExitCode> RunProvisionBoards(const CommandLine& line, Toolbox& tools) {
  if (line.virtual_time)
    return Fail(ExitCode::kUsage, "virtual time is for one board only",
                "leave --virtual-time out, or give --serial once");
  TRY(const LocatedPlan located, LocatePlan(line, tools));
  return WithSeams(line, tools, [&](Seams& seams) -> Result<ExitCode> {
    RunOutcome interrupted;
    TRY(const bool go_on, FinishEarlierRuns(seams, interrupted));
    if (!go_on) return TellOutcome(interrupted, tools, seams.reporter);
    TRY_DO(TakeBundle(located, seams.OfStore()));
    const OpenRecord open_record = [&]() -> Result<Record> {
      std::string notice;
      return Record::Open(StateDirectoryOf(line, tools.surroundings), tools.clock, notice);
    };
    TRY(const std::vector<BoardResult> results,
        ProvisionBoards(seams, open_record, located.plan, located.source, RunOptionsOf(line),
                        line.serial_devices));
    for (const BoardResult& result : results) {
      const RunOutcome& outcome = result.outcome;
      seams.reporter.Outcome({outcome.run, static_cast<int>(outcome.code), outcome.text,
                              outcome.board, outcome.firmware, outcome.changed, outcome.rolled_back,
                              result.device});
      if (outcome.code != ExitCode::kDone)
        PrintError({outcome.code, result.device + ": " + outcome.text, outcome.hint},
                   /*json=*/false, tools.out, tools.err);
    }
    if (!line.json && !line.quiet) PrintBoardTable(results, tools.out);
    return MostSerious(results);
  });
}

Result<ExitCode> RunRollback(const CommandLine& line, Toolbox& tools) {
  return WithState(line, tools, [&](Seams& seams) -> Result<RunOutcome> {
    TRY(const RollbackPlan rollback, PlanRollback(seams.record, line.board, line.to_version));
    RunOptions options = RunOptionsOf(line);
    // The person asked for this very firmware; what is there may well be broken.
    options.no_fallback = true;
    options.retry = true;
    options.board = rollback.board;
    if (options.serial_device.empty()) options.serial_device = rollback.serial_device;
    return Provision(seams, rollback.plan, rollback.source, options);
  });
}

Result<ExitCode> RunResume(const CommandLine& line, Toolbox& tools) {
  return WithState(line, tools, [](Seams& seams) -> Result<RunOutcome> {
    TRY(const std::optional<RunOutcome> outcome, ResumeRuns(seams));
    if (outcome) return *outcome;
    RunOutcome nothing;
    nothing.text = "Nothing to resume.";
    return nothing;
  });
}

Result<ExitCode> RunPlan(const CommandLine& line, Toolbox& tools) {
  if (line.serial_devices.size() > 1)
    return Fail(ExitCode::kUsage, "a plan is for one board only",
                "give --serial once: the plan for the other boards is the same");
  TRY(const LocatedPlan located, LocatePlan(line, tools));
  TRY(const StubLibrary stubs, StubsOf(line, tools.surroundings));
  const std::filesystem::path directory = StateDirectoryOf(line, tools.surroundings);
  TRY(const std::optional<Record> record, Record::OpenReadOnly(directory, tools.clock));
  const ArtifactStore store = ArtifactStore::OpenReadOnly(directory);
  const Reporting reporting = MakeReporter(line, tools);
  const SignalWatch watch(tools.interrupt);
  if (located.source.trust) reporting.reporter->Stage(*located.source.trust);
  SetupHost host = SetupHostOf(line, tools);
  PreviewSeams seams{BoardSeamsOf(tools, *reporting.reporter, stubs),
                     line.identify,
                     host,
                     record,
                     store,
                     located.bundle};
  return TellOutcome(PreviewRun(seams, located.plan, RunOptionsOf(line)), tools,
                     *reporting.reporter);
}

}  // namespace lastgood
