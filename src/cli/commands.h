// SPDX-License-Identifier: MIT
// One function per command; each returns the exit status, or the error that Execute prints.
#pragma once

#include "base/result.h"
#include "cli/command_line.h"
#include "cli/toolbox.h"

namespace lastgood {

Result<ExitCode> RunProvision(const CommandLine& line, Toolbox& tools);
Result<ExitCode> RunProvisionBoards(const CommandLine& line, Toolbox& tools);
Result<ExitCode> RunRollback(const CommandLine& line, Toolbox& tools);
Result<ExitCode> RunResume(const CommandLine& line, Toolbox& tools);
Result<ExitCode> RunUndo(const CommandLine& line, Toolbox& tools);
Result<ExitCode> RunRemove(const CommandLine& line, Toolbox& tools);
Result<ExitCode> RunBoard(const CommandLine& line, Toolbox& tools);
Result<ExitCode> RunHealth(const CommandLine& line, Toolbox& tools);
Result<ExitCode> RunBackup(const CommandLine& line, Toolbox& tools);
Result<ExitCode> RunRestore(const CommandLine& line, Toolbox& tools);
Result<ExitCode> RunFetch(const CommandLine& line, Toolbox& tools);
Result<ExitCode> RunCacheList(const CommandLine& line, Toolbox& tools);
Result<ExitCode> RunCacheVerify(const CommandLine& line, Toolbox& tools);
Result<ExitCode> RunCachePrune(const CommandLine& line, Toolbox& tools);
Result<ExitCode> RunDoctor(const CommandLine& line, Toolbox& tools);
Result<ExitCode> RunDoctorNetwork(const CommandLine& line, Toolbox& tools);
Result<ExitCode> RunPlan(const CommandLine& line, Toolbox& tools);
Result<ExitCode> RunCheck(const CommandLine& line, Toolbox& tools);
Result<ExitCode> RunStatus(const CommandLine& line, Toolbox& tools);
Result<ExitCode> RunHistory(const CommandLine& line, Toolbox& tools);
Result<ExitCode> RunShow(const CommandLine& line, Toolbox& tools);
Result<ExitCode> RunImage(const CommandLine& line, Toolbox& tools);
Result<ExitCode> RunImport(const CommandLine& line, Toolbox& tools);
Result<ExitCode> RunBundle(const CommandLine& line, Toolbox& tools);
Result<ExitCode> RunSign(const CommandLine& line, Toolbox& tools);
Result<ExitCode> RunIndex(const CommandLine& line, Toolbox& tools);
Result<ExitCode> RunKeys(const CommandLine& line, Toolbox& tools);
Result<ExitCode> RunKeysNew(const CommandLine& line, Toolbox& tools);
Result<ExitCode> RunKeysAdd(const CommandLine& line, Toolbox& tools);
Result<ExitCode> RunKeysRevoke(const CommandLine& line, Toolbox& tools);
Result<ExitCode> RunKeysUpdate(const CommandLine& line, Toolbox& tools);
Result<ExitCode> RunKeysVerify(const CommandLine& line, Toolbox& tools);
Result<ExitCode> RunSimulateBoard(const CommandLine& line, Toolbox& tools);
Result<ExitCode> RunSimulateLines(const CommandLine& line, Toolbox& tools);
Result<ExitCode> RunSimulateImage(const CommandLine& line, Toolbox& tools);

}  // namespace lastgood
