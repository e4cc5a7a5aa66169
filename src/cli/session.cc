// SPDX-License-Identifier: MIT
#include "cli/session.h"

#include <fmt/format.h>

#include <system_error>
#include <utility>

#include "cli/execute.h"
#include "host/files.h"
#include "report/json_reporter.h"
#include "report/null_reporter.h"
#include "report/terminal_reporter.h"

namespace lastgood {
namespace {

constexpr std::chrono::seconds kLockWait{2};

// Without sudo, the next start would not know on whose behalf it is.
Argv ResumeCommand(const SetupHost& host, const std::filesystem::path& state,
                   const Toolbox& tools) {
  Argv command = {tools.surroundings.program, "--state", state.string(), "resume"};
  if (!host.invoker.empty()) command.insert(command.end(), {"--user", host.invoker});
  return command;
}

}  // namespace

std::filesystem::path StateDirectoryOf(const CommandLine& line, const Surroundings& surroundings) {
  if (!line.host_root.empty() && line.host_root != "/")
    return std::filesystem::path(line.host_root) / "var/lib/lastgood";
  return line.state_directory.empty() ? surroundings.state_directory
                                      : std::filesystem::path(line.state_directory);
}

std::vector<std::string> MirrorsOf(const CommandLine& line, const Surroundings& surroundings) {
  std::vector<std::string> mirrors = line.mirrors;
  mirrors.insert(mirrors.end(), surroundings.mirrors.begin(), surroundings.mirrors.end());
  return mirrors;
}

SetupHost SetupHostOf(const CommandLine& line, Toolbox& tools) {
  const std::string invoker = !line.user.empty()        ? line.user
                              : !line.host_root.empty() ? ""  // of the other host nobody calls
                                                        : tools.surroundings.invoker;
  return OpenSetupHost(line.host_root.empty() ? "/" : line.host_root, tools.process_runner, invoker,
                       line.model);
}

RunOptions RunOptionsOf(const CommandLine& line) {
  RunOptions options;
  options.force = line.force;
  options.retry = line.retry;
  options.no_fallback = line.no_fallback;
  options.no_backup = line.no_backup;
  options.host_only = line.host_only || (!line.host_root.empty() && line.host_root != "/");
  options.keep_going = line.keep_going;
  options.reboot = line.reboot;
  options.loader = line.loader;
  options.serial_device = line.serial_device;
  return options;
}

Result<StubLibrary> StubsOf(const CommandLine& line, const Surroundings& surroundings) {
  std::vector<std::filesystem::path> directories = surroundings.stub_directories;
  if (!line.stubs.empty()) {
    std::error_code ignored;
    if (!std::filesystem::is_directory(line.stubs, ignored))
      return Fail(ExitCode::kUsage, fmt::format("there is no directory '{}'", line.stubs),
                  "--stubs takes a directory with stub loaders (docs/stubs.md)");
    directories.insert(directories.begin(), line.stubs);
  }
  return StubLibrary(std::move(directories));
}

Reporting MakeReporter(const CommandLine& line, Toolbox& tools) {
  Reporting reporting;
  reporting.sink = std::make_unique<DescriptorSink>(::fileno(tools.out));
  const Surroundings& around = tools.surroundings;
  if (line.json) {
    reporting.reporter = std::make_unique<JsonReporter>(*reporting.sink, tools.clock);
  } else if (line.quiet) {
    reporting.reporter = std::make_unique<NullReporter>();
  } else {
    const TerminalOptions options{around.terminal, around.colour, line.verbose,
                                  static_cast<std::size_t>(around.terminal_width)};
    reporting.reporter = std::make_unique<TerminalReporter>(*reporting.sink, tools.clock, options);
  }
  return reporting;
}

BoardSeams BoardSeamsOf(Toolbox& tools, Reporter& reporter, const StubLibrary& stubs) {
  return {tools.clock, reporter, tools.connector, tools.interrupt, tools.random, &stubs};
}

Result<BoardExamination> ExamineBoardOf(const CommandLine& line, Toolbox& tools,
                                        const BoardSpec& board) {
  TRY(const StubLibrary stubs, StubsOf(line, tools.surroundings));
  const std::filesystem::path directory = StateDirectoryOf(line, tools.surroundings);
  TRY(const std::optional<Record> record, Record::OpenReadOnly(directory, tools.clock));
  const ArtifactStore store = ArtifactStore::OpenReadOnly(directory);
  NullReporter reporter;
  const SignalWatch watch(tools.interrupt);
  ExaminationSeams seams{BoardSeamsOf(tools, reporter, stubs), record, store};
  return ExamineBoard(seams, board, RunOptionsOf(line));
}

ExitCode TellOutcome(const RunOutcome& outcome, Toolbox& tools, Reporter& reporter) {
  reporter.Outcome({outcome.run, static_cast<int>(outcome.code), outcome.text, outcome.board,
                    outcome.firmware, outcome.changed, outcome.rolled_back});
  if (outcome.code != ExitCode::kDone) {
    PrintError({outcome.code, outcome.text, outcome.hint}, /*json=*/false, tools.out, tools.err);
  }
  return outcome.code;
}

Result<FileLock> LockState(const std::filesystem::path& directory, Clock& clock) {
  return FileLock::Acquire(directory / "lock", clock, kLockWait);
}

Result<ExitCode> WithSeams(const CommandLine& line, Toolbox& tools,
                           const std::function<Result<ExitCode>(Seams&)>& action) {
  TRY(const StubLibrary stubs, StubsOf(line, tools.surroundings));
  const std::filesystem::path directory = StateDirectoryOf(line, tools.surroundings);
  TRY_DO(CreateDirectories(directory));
  TRY(const FileLock lock, LockState(directory, tools.clock));
  TRY(const ArtifactStore store, ArtifactStore::Open(directory));
  std::string notice;
  TRY(Record record, Record::Open(directory, tools.clock, notice));
  const Reporting reporting = MakeReporter(line, tools);
  Reporter& reporter = *reporting.reporter;
  if (!notice.empty()) reporter.Stage({"record", StageOutcome::kNote, notice, {}, {}});
  const SignalWatch watch(tools.interrupt);
  SetupHost host = SetupHostOf(line, tools);
  host.load_artifact = [&store](const Sha256Digest& sha256,
                                std::uint64_t size_bytes) -> Result<Verified<Bytes>> {
    TRY(std::optional<Verified<Bytes>> loaded, store.Load(sha256, size_bytes));
    if (!loaded)
      return Fail(ExitCode::kCannotDownload,
                  fmt::format("artifact {} is not in the store", sha256.ToHex()));
    return *std::move(loaded);
  };
  const ContentStore contents(directory / "undo");
  Seams seams{tools.clock,
              reporter,
              tools.http,
              tools.process_runner,
              tools.connector,
              record,
              store,
              tools.interrupt,
              tools.random,
              &stubs,
              nullptr,
              &tools.surroundings.network,
              MirrorsOf(line, tools.surroundings),
              &host,
              &contents,
              ResumeCommand(host, directory, tools),
              tools.surroundings.version,
              line.state_directory};
  return action(seams);
}

Result<ExitCode> WithStore(const CommandLine& line, Toolbox& tools,
                           const std::function<Result<RunOutcome>(const StoreSeams&)>& action) {
  TRY(const ArtifactStore store, ArtifactStore::Open(StateDirectoryOf(line, tools.surroundings)));
  const Reporting reporting = MakeReporter(line, tools);
  const SignalWatch watch(tools.interrupt);
  TRY(const RunOutcome outcome,
      action({tools.clock, *reporting.reporter, tools.http, store, tools.interrupt, tools.random,
              MirrorsOf(line, tools.surroundings), std::nullopt, &tools.surroundings.network}));
  return TellOutcome(outcome, tools, *reporting.reporter);
}

Result<ExitCode> WithState(const CommandLine& line, Toolbox& tools,
                           const std::function<Result<RunOutcome>(Seams&)>& action) {
  return WithSeams(line, tools, [&](Seams& seams) -> Result<ExitCode> {
    TRY(const RunOutcome outcome, action(seams));
    return TellOutcome(outcome, tools, seams.reporter);
  });
}

}  // namespace lastgood
