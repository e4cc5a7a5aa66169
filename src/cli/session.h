// SPDX-License-Identifier: MIT
// What every command that changes something opens first: the state directory's lock, the record,
// the store and a reporter; and how its outcome is told.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/command_line.h"
#include "cli/toolbox.h"
#include "flash/stub_library.h"
#include "host/file_lock.h"
#include "record/record.h"
#include "report/output_sink.h"
#include "report/reporter.h"
#include "run/board_examination.h"
#include "run/provisioner.h"
#include "verify/artifact_store.h"

namespace lastgood {

std::filesystem::path StateDirectoryOf(const CommandLine& line, const Surroundings& surroundings);

// Those of --mirror, then the surroundings'.
std::vector<std::string> MirrorsOf(const CommandLine& line, const Surroundings& surroundings);

// The host that is set up: the one below --root, or this one.
SetupHost SetupHostOf(const CommandLine& line, Toolbox& tools);

RunOptions RunOptionsOf(const CommandLine& line);
// Where stub loaders are looked for: --stubs, then the surroundings' directories. kUsage when
// --stubs names no directory.
Result<StubLibrary> StubsOf(const CommandLine& line, const Surroundings& surroundings);

// A reporter and the sink that it writes to.
struct Reporting {
  std::unique_ptr<OutputSink> sink;
  std::unique_ptr<Reporter> reporter;
};
Reporting MakeReporter(const CommandLine& line, Toolbox& tools);

// For the commands that ask a board and change nothing. `reporter` and `stubs` must outlive them.
BoardSeams BoardSeamsOf(Toolbox& tools, Reporter& reporter, const StubLibrary& stubs);

// What can be found out about the board without writing to it; the record is opened read-only, and
// need not be there.
Result<BoardExamination> ExamineBoardOf(const CommandLine& line, Toolbox& tools,
                                        const BoardSpec& board);

// kBusy when another lastgood works on the same state.
Result<FileLock> LockState(const std::filesystem::path& directory, Clock& clock);

// Opens everything, calls `action` with the seams, and tells its outcome. kBusy when another
// lastgood works on the same state.
Result<ExitCode> WithState(const CommandLine& line, Toolbox& tools,
                           const std::function<Result<RunOutcome>(Seams&)>& action);

// The same for what tells its outcomes by itself.
Result<ExitCode> WithSeams(const CommandLine& line, Toolbox& tools,
                           const std::function<Result<ExitCode>(Seams&)>& action);

// For what only brings artifacts into the store: no record, no board, and no lock, so that several
// may run beside each other and beside a run.
Result<ExitCode> WithStore(const CommandLine& line, Toolbox& tools,
                           const std::function<Result<RunOutcome>(const StoreSeams&)>& action);

// The verdict for people and for --json; returns its code.
ExitCode TellOutcome(const RunOutcome& outcome, Toolbox& tools, Reporter& reporter);

}  // namespace lastgood
