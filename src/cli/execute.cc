// SPDX-License-Identifier: MIT
#include "cli/execute.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "capture/capture_file.h"
#include "cli/commands.h"
#include "json/json_object.h"
#include "report/print.h"
#include "report/timestamp.h"
#include "run/recording_connector.h"

namespace lastgood {
namespace {

struct Row {
  Command command;
  Result<ExitCode> (*run)(const CommandLine& line, Toolbox& tools);
};

constexpr std::array kCommands = {
    Row{Command::kProvision, &RunProvision},
    Row{Command::kPlan, &RunPlan},
    Row{Command::kCheck, &RunCheck},
    Row{Command::kStatus, &RunStatus},
    Row{Command::kHistory, &RunHistory},
    Row{Command::kShow, &RunShow},
    Row{Command::kRollback, &RunRollback},
    Row{Command::kUndo, &RunUndo},
    Row{Command::kRemove, &RunRemove},
    Row{Command::kBoard, &RunBoard},
    Row{Command::kHealth, &RunHealth},
    Row{Command::kBackup, &RunBackup},
    Row{Command::kRestore, &RunRestore},
    Row{Command::kFetch, &RunFetch},
    Row{Command::kCacheList, &RunCacheList},
    Row{Command::kCacheVerify, &RunCacheVerify},
    Row{Command::kCachePrune, &RunCachePrune},
    Row{Command::kDoctor, &RunDoctor},
    Row{Command::kDoctorNetwork, &RunDoctorNetwork},
    Row{Command::kResume, &RunResume},
    Row{Command::kImage, &RunImage},
    Row{Command::kImport, &RunImport},
    Row{Command::kBundle, &RunBundle},
    Row{Command::kSign, &RunSign},
    Row{Command::kIndex, &RunIndex},
    Row{Command::kKeys, &RunKeys},
    Row{Command::kKeysNew, &RunKeysNew},
    Row{Command::kKeysAdd, &RunKeysAdd},
    Row{Command::kKeysRevoke, &RunKeysRevoke},
    Row{Command::kKeysUpdate, &RunKeysUpdate},
    Row{Command::kKeysVerify, &RunKeysVerify},
    Row{Command::kSimulateBoard, &RunSimulateBoard},
    Row{Command::kSimulateLines, &RunSimulateLines},
    Row{Command::kSimulateImage, &RunSimulateImage},
};

Result<ExitCode> Dispatch(const CommandLine& line, Toolbox& tools) {
  if (line.command == Command::kNone) {
    Print(tools.out, "{}", line.text);
    return ExitCode::kDone;
  }
  const auto row = std::find_if(kCommands.begin(), kCommands.end(), [&line](const Row& candidate) {
    return candidate.command == line.command;
  });
  if (row == kCommands.end()) return Fail(ExitCode::kInternal, "unknown command");
  return row->run(line, tools);
}

// A recording is no part of what was asked for: what becomes of it is a remark.
Result<ExitCode> DispatchRecorded(const CommandLine& line, Toolbox& tools) {
  TRY(CaptureFile file,
      CaptureFile::Create(line.record_file,
                          {{"lastgood", tools.surroundings.version},
                           {"command", line.command_name},
                           {"recorded", TimestampUtcSeconds(tools.clock.WallNow())}}));
  RecordingConnector connector(tools.connector, file, tools.clock);
  Toolbox recorded{tools.surroundings,   tools.clock, tools.interrupt,
                   tools.process_runner, tools.http,  connector,
                   tools.random,         tools.out,   tools.err};
  Result<ExitCode> code = Dispatch(line, recorded);
  if (const auto remark = file.Close()) {
    std::fflush(tools.out);
    Print(tools.err, "lastgood: note: {}: {}\n", line.record_file, *remark);
  }
  return code;
}

}  // namespace

void PrintError(const Error& error, bool json, std::FILE* out, std::FILE* err) {
  if (json) {
    JsonObject object;
    object.Set("v", 1)
        .Set("event", "error")
        .Set("exit_code", static_cast<std::int64_t>(error.code));
    object.Set("text", error.message).Set("hint", error.hint);
    Print(out, "{}\n", object.Dump());
    std::fflush(out);
  }
  // Mistakes in a manifest carry their own "file:line:col: error:".
  const bool placed = error.code == ExitCode::kInvalidManifest &&
                      error.message.find(": error: ") != std::string::npos;
  Print(err, "{}{}\n", placed ? "" : "lastgood: error: ", error.message);
  if (!error.hint.empty()) Print(err, "lastgood: hint: {}\n", error.hint);
}

int Execute(const CommandLine& line, Toolbox& tools) {
  const Result<ExitCode> code =
      line.record_file.empty() ? Dispatch(line, tools) : DispatchRecorded(line, tools);
  if (!code) PrintError(code.error(), line.json, tools.out, tools.err);
  // Output that could not be written (a full disk behind a redirection) is a failure of the
  // command.
  const bool written = std::fflush(tools.out) == 0 && std::ferror(tools.out) == 0;
  if (code && *code == ExitCode::kDone && !written) {
    PrintError({ExitCode::kInternal, "cannot write the output", ""}, /*json=*/false, tools.out,
               tools.err);
    return static_cast<int>(ExitCode::kInternal);
  }
  return static_cast<int>(code ? *code : code.error().code);
}

}  // namespace lastgood
