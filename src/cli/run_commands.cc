// SPDX-License-Identifier: MIT
// The commands that change a board: provision, rollback, resume; and plan, which does not.
#include <fmt/format.h>

#include <optional>
#include <utility>

#include "cli/commands.h"
#include "cli/locate.h"
#include "cli/session.h"
#include "run/preview.h"
#include "run/rollback_plan.h"

namespace lastgood {
Result<ExitCode> RunProvision(const CommandLine& line, Toolbox& tools) {
  TRY(const LocatedPlan located, LocatePlan(line, tools.surroundings));
  return WithState(line, tools, [&](Seams& seams) -> Result<RunOutcome> {
    TRY(const std::optional<RunOutcome> cut, FinishUnproven(seams));
    if (cut) {
      seams.reporter.Stage({"resume", StageOutcome::kNote, cut->text, {}, {}});
      if (cut->code == ExitCode::kInterrupted) return *cut;
    }
    return Provision(seams, located.plan, located.source, RunOptionsOf(line));
  });
}

Result<ExitCode> RunRollback(const CommandLine& line, Toolbox& tools) {
  return WithState(line, tools, [&](Seams& seams) -> Result<RunOutcome> {
    TRY(const RollbackPlan rollback, PlanRollback(seams.record, line.board, line.to_version));
    RunOptions options = RunOptionsOf(line);
    // The person asked for this very firmware; what is there may well be broken.
    options.no_fallback = true;
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
  TRY(const LocatedPlan located, LocatePlan(line, tools.surroundings));
  const std::filesystem::path directory = StateDirectoryOf(line, tools.surroundings);
  TRY(const std::optional<Record> record, Record::OpenReadOnly(directory, tools.clock));
  const ArtifactStore store = ArtifactStore::OpenReadOnly(directory);
  const Reporting reporting = MakeReporter(line, tools);
  const SignalWatch watch(tools.interrupt);
  const StubLibrary stubs = StubsOf(line, tools.surroundings);
  PreviewSeams seams{tools.clock,
                     *reporting.reporter,
                     tools.process_runner,
                     line.identify ? &tools.connector : nullptr,
                     record,
                     store,
                     tools.interrupt,
                     &stubs};
  return TellOutcome(PreviewRun(seams, located.plan, RunOptionsOf(line)), tools,
                     *reporting.reporter);
}

}  // namespace lastgood
