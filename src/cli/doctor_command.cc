// SPDX-License-Identifier: MIT
// doctor: what of this host would keep a board from being reached, and what of its wires. Looks,
// resets the board, and changes nothing.
#include <fmt/format.h>

#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "cli/commands.h"
#include "cli/doctor_output.h"
#include "cli/execute.h"
#include "cli/locate.h"
#include "cli/session.h"
#include "doctor/doctor.h"
#include "report/print.h"
#include "run/board_findings.h"

namespace lastgood {
namespace {

namespace fs = std::filesystem;

Result<std::optional<BoardQuestion>> QuestionOf(const CommandLine& line, Toolbox& tools) {
  if (line.recipe.empty()) return std::optional<BoardQuestion>();
  TRY(const LocatedRecipe located, LocateRecipe(line.recipe, tools));
  return std::optional(
      BoardQuestion{located.recipe.name, located.recipe.board, line.serial_device});
}

// Only a board of this host can be asked, and asking resets it.
Result<void> AskBoard(const CommandLine& line, Toolbox& tools, const BoardSpec& board,
                      Findings& findings) {
  const Result<BoardExamination> found = ExamineBoardOf(line, tools, board);
  if (!found && found.error().code == ExitCode::kInterrupted) return Fail(found.error());
  // Why it can not be opened has been said with its remedy.
  if (!found && ExitCodeOf(findings) != ExitCode::kDone) {
    findings.push_back({"board-open",
                        FindingVerdict::kUnknown,
                        "the board was not asked: " + found.error().message,
                        {},
                        {}});
    return {};
  }
  for (Finding& finding : FindingsOf(found, board)) findings.push_back(std::move(finding));
  return {};
}

Result<fs::path> RootOf(const CommandLine& line) {
  std::error_code error;
  const fs::path root = fs::canonical(line.root.empty() ? "/" : line.root, error);
  if (error || !fs::is_directory(root, error))
    return Fail(ExitCode::kUsage, fmt::format("there is no directory '{}'", line.root),
                "--root takes a directory with a host's files, such as a mounted SD card");
  return root;
}

}  // namespace

Result<ExitCode> RunDoctor(const CommandLine& line, Toolbox& tools) {
  TRY(std::optional<BoardQuestion> question, QuestionOf(line, tools));
  TRY(const fs::path root, RootOf(line));
  const std::string board = question ? question->name : std::string();
  const std::optional<BoardSpec> to_ask =
      question && root == "/" && !line.host_only ? std::optional(question->board) : std::nullopt;
  Findings findings = Examine(MakeHostView(root, std::move(question)));
  if (to_ask) TRY_DO(AskBoard(line, tools, *to_ask, findings));
  const ExitCode code = ExitCodeOf(findings);
  if (line.json) {
    Print(tools.out, "{}", JsonOf(findings, board));
    return code;
  }
  Print(tools.out, "{}", TextOf(findings, LookOf(line, tools.surroundings)));
  if (code == ExitCode::kDone) {
    if (!line.quiet) Print(tools.out, "{}", VerdictText(findings, board));
    return code;
  }
  std::fflush(tools.out);
  PrintError(ErrorOf(findings, board), /*json=*/false, tools.out, tools.err);
  return code;
}

}  // namespace lastgood
