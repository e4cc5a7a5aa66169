// SPDX-License-Identifier: MIT
// backup and restore: the whole flash of a board, out of it and into it again.
#include <utility>

#include "cli/commands.h"
#include "cli/locate.h"
#include "cli/session.h"
#include "run/backup_run.h"
#include "run/rollback_plan.h"

namespace lastgood {
Result<ExitCode> RunBackup(const CommandLine& line, Toolbox& tools) {
  TRY(const LocatedRecipe located, LocateRecipe(line.recipe, tools));
  return WithState(line, tools, [&](Seams& seams) {
    return BackUpBoard(seams, located.recipe, RunOptionsOf(line), line.output);
  });
}

Result<ExitCode> RunRestore(const CommandLine& line, Toolbox& tools) {
  TRY(const LocatedRecipe located, LocateRecipe(line.recipe, tools));
  return WithState(line, tools, [&](Seams& seams) -> Result<RunOutcome> {
    TRY(const FlashCopy copy, line.files.empty() ? NewestBackup(seams.record, line.board)
                                                 : BackupInFile(seams.store, line.files.front(),
                                                                located.recipe.board.chip));
    TRY(const RollbackPlan restore, PlanOfFirmware(copy.firmware, "restore", located.recipe));
    RunOptions options = RunOptionsOf(line);
    // The person asked for these very octets, whatever a rule says of them.
    options.force = true;
    options.retry = true;
    options.no_fallback = true;
    options.no_backup = true;
    options.board = copy.board;
    options.flash_size_bytes = copy.flash_size_bytes;
    return Provision(seams, restore.plan, restore.source, options);
  });
}

}  // namespace lastgood
