// SPDX-License-Identifier: MIT
#include "cli/execute.h"

#include <fmt/format.h>

#include "cli/commands.h"
#include "json/json_object.h"

namespace lastgood {
namespace {

Result<ExitCode> Dispatch(const CommandLine& line, Toolbox& tools) {
  switch (line.command) {
    case Command::kNone:
      fmt::print(tools.out, "{}", line.text);
      return ExitCode::kDone;
    case Command::kProvision:
      return RunProvision(line, tools);
    case Command::kPlan:
      return RunPlan(line, tools);
    case Command::kCheck:
      return RunCheck(line, tools);
    case Command::kStatus:
      return RunStatus(line, tools);
    case Command::kHistory:
      return RunHistory(line, tools);
    case Command::kShow:
      return RunShow(line, tools);
    case Command::kRollback:
      return RunRollback(line, tools);
    case Command::kUndo:
      return RunUndo(line, tools);
    case Command::kRemove:
      return RunRemove(line, tools);
    case Command::kBoard:
      return RunBoard(line, tools);
    case Command::kBackup:
      return RunBackup(line, tools);
    case Command::kRestore:
      return RunRestore(line, tools);
    case Command::kFetch:
      return RunFetch(line, tools);
    case Command::kCacheList:
      return RunCacheList(line, tools);
    case Command::kCacheVerify:
      return RunCacheVerify(line, tools);
    case Command::kCachePrune:
      return RunCachePrune(line, tools);
    case Command::kDoctor:
      return RunDoctor(line, tools);
    case Command::kDoctorNetwork:
      return RunDoctorNetwork(line, tools);
    case Command::kResume:
      return RunResume(line, tools);
    case Command::kImage:
      return RunImage(line, tools);
    case Command::kImport:
      return RunImport(line, tools);
    case Command::kBundle:
      return RunBundle(line, tools);
    case Command::kSign:
      return RunSign(line, tools);
    case Command::kIndex:
      return RunIndex(line, tools);
    case Command::kKeys:
      return RunKeys(line, tools);
    case Command::kKeysNew:
      return RunKeysNew(line, tools);
    case Command::kKeysAdd:
      return RunKeysAdd(line, tools);
    case Command::kKeysRevoke:
      return RunKeysRevoke(line, tools);
    case Command::kKeysUpdate:
      return RunKeysUpdate(line, tools);
    case Command::kKeysVerify:
      return RunKeysVerify(line, tools);
    case Command::kSimulateBoard:
      return RunSimulateBoard(line, tools);
    case Command::kSimulateLines:
      return RunSimulateLines(line, tools);
    case Command::kSimulateImage:
      return RunSimulateImage(line, tools);
  }
  return Fail(ExitCode::kInternal, "unknown command");
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
