// SPDX-License-Identifier: MIT
#include "cli/execute.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "cli/commands.h"
#include "json/json_object.h"

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
    fmt::print(tools.out, "{}", line.text);
    return ExitCode::kDone;
  }
  const auto row = std::find_if(kCommands.begin(), kCommands.end(), [&line](const Row& candidate) {
    return candidate.command == line.command;
  });
  if (row == kCommands.end()) return Fail(ExitCode::kInternal, "unknown command");
  return row->run(line, tools);
}

}  // namespace

void PrintError(const Error& error, bool json, std::FILE* out, std::FILE* err) {
  if (json) {
    JsonObject object;
    object.Set("v", 1)
        .Set("event", "error")
        .Set("exit_code", static_cast<std::int64_t>(error.code));
    object.Set("text", error.message).Set("hint", error.hint);
    fmt::print(out, "{}\n", object.Dump());
    std::fflush(out);
  }
  // Mistakes in a manifest carry their own "file:line:col: error:".
  const bool placed = error.code == ExitCode::kInvalidManifest &&
                      error.message.find(": error: ") != std::string::npos;
  fmt::print(err, "{}{}\n", placed ? "" : "lastgood: error: ", error.message);
  if (!error.hint.empty()) fmt::print(err, "lastgood: hint: {}\n", error.hint);
}

int Execute(const CommandLine& line, Toolbox& tools) {
  const Result<ExitCode> code = Dispatch(line, tools);
  if (!code) PrintError(code.error(), line.json, tools.out, tools.err);
  // Output that could not be written (a full disk behind a redirection) is a failure of the
  // command.
  const bool written = std::fflush(tools.out) == 0 && std::ferror(tools.out) == 0;
  if (code && *code == ExitCode::kDone && !written) return static_cast<int>(ExitCode::kInternal);
  return static_cast<int>(code ? *code : code.error().code);
}

}  // namespace lastgood
