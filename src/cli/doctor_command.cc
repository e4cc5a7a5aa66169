// SPDX-License-Identifier: MIT
// doctor: what of this host would keep a board from being reached. Looks, and changes nothing.
#include <fmt/format.h>

#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "cli/commands.h"
#include "cli/doctor_output.h"
#include "cli/execute.h"
#include "cli/locate.h"
#include "doctor/doctor.h"

namespace lastgood {
namespace {

namespace fs = std::filesystem;

Result<std::optional<BoardQuestion>> QuestionOf(const CommandLine& line, const Toolbox& tools) {
  if (line.recipe.empty()) return std::optional<BoardQuestion>();
  TRY(const fs::path path, Locate(line.recipe, "recipes", {}, tools.surroundings));
  TRY(std::string text, ReadDescription(path));
  TRY(const Recipe recipe, ParseRecipe(std::move(text), path.string()));
  return std::optional(BoardQuestion{recipe.name, recipe.board, line.serial_device});
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
  const Findings findings = Examine(MakeHostView(root, std::move(question)));
  const ExitCode code = ExitCodeOf(findings);
  if (line.json) {
    fmt::print(tools.out, "{}", JsonOf(findings, board));
    return code;
  }
  const Surroundings& around = tools.surroundings;
  const DoctorText look{
      around.colour, line.verbose, line.quiet,
      around.terminal ? static_cast<std::size_t>(around.terminal_width) : std::size_t{0}};
  fmt::print(tools.out, "{}", TextOf(findings, look));
  if (code == ExitCode::kDone) {
    if (!line.quiet) fmt::print(tools.out, "{}", VerdictText(findings, board));
    return code;
  }
  std::fflush(tools.out);
  PrintError(ErrorOf(findings, board), /*json=*/false, tools.out, tools.err);
  return code;
}

}  // namespace lastgood
