// SPDX-License-Identifier: MIT
#include "cli/doctor_output.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "json/json_object.h"
#include "report/display_text.h"

namespace lastgood {
namespace {

constexpr std::size_t kTextColumn = 28;
constexpr std::size_t kWrapMin = 20;

struct Look {
  std::string_view word;
  std::string_view colour;
};

Look WordOf(FindingVerdict verdict) {
  switch (verdict) {
    case FindingVerdict::kOk:
      return {"ok", "32"};
    case FindingVerdict::kNote:
      return {"note", "36"};
    case FindingVerdict::kProblem:
      return {"PROBLEM", "1;31"};
    case FindingVerdict::kUnknown:
      return {"unknown", "33"};
  }
  return {"?", ""};
}

// Text of files and of device trees must not reach the terminal as it is.
void AddWrapped(std::string& out, std::string_view text, const DoctorText& look, bool first) {
  const std::size_t width = look.width == 0 ? 0 : std::max(kWrapMin, look.width - kTextColumn);
  for (const std::string& line :
       WrapText(ToPrintable(text), look.width < kTextColumn ? 0 : width)) {
    if (!first) out += std::string(kTextColumn, ' ');
    out += line + '\n';
    first = false;
  }
}

std::vector<std::string> ChecksWith(const Findings& findings, FindingVerdict verdict) {
  std::vector<std::string> checks;
  for (const Finding& finding : findings)
    if (finding.verdict == verdict &&
        std::find(checks.begin(), checks.end(), finding.check) == checks.end())
      checks.push_back(finding.check);
  return checks;
}

std::int64_t Count(const Findings& findings, FindingVerdict verdict) {
  return std::count_if(findings.begin(), findings.end(),
                       [&](const Finding& finding) { return finding.verdict == verdict; });
}

std::string Counted(std::int64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

}  // namespace

DoctorText LookOf(const CommandLine& line, const Surroundings& around) {
  return {around.colour, line.verbose, line.quiet,
          around.terminal ? static_cast<std::size_t>(around.terminal_width) : std::size_t{0}};
}

std::string TextOf(const Findings& findings, const DoctorText& look) {
  std::string out;
  for (const Finding& finding : findings) {
    if (look.quiet && finding.verdict != FindingVerdict::kProblem) continue;
    const auto [word, colour] = WordOf(finding.verdict);
    const std::string shown =
        look.colour ? fmt::format("\x1b[{}m{}\x1b[0m", colour, word) : std::string(word);
    out += fmt::format("  {}{}  {:<17}", shown, std::string(7 - word.size(), ' '), finding.check);
    AddWrapped(out, finding.text, look, true);
    if (!finding.remedy.empty()) AddWrapped(out, "→ " + finding.remedy, look, false);
    if (!look.verbose) continue;
    for (const std::string& line : finding.evidence) AddWrapped(out, "· " + line, look, false);
  }
  return out;
}

std::string VerdictText(const Findings& findings, const std::string& board) {
  const std::int64_t unknown = Count(findings, FindingVerdict::kUnknown);
  const std::string blind =
      unknown == 0 ? "" : fmt::format(" {} could not be looked at.", Counted(unknown, "thing"));
  if (board.empty())
    return fmt::format(
        "This is the host in general; for what a board needs: lastgood doctor BOARD, "
        "with the name of a recipe or its file.{}\n",
        blind);
  const std::int64_t problems = Count(findings, FindingVerdict::kProblem);
  if (problems == 0)
    return fmt::format("Nothing on this host keeps board '{}' from being reached.{}\n",
                       ToPrintable(board), blind);
  return fmt::format("{} with board '{}' on this host.{}\n", Counted(problems, "problem"),
                     ToPrintable(board), blind);
}

std::string FindingsJson(const Findings& findings) {
  std::string out;
  for (const Finding& finding : findings) {
    JsonObject object;
    object.Set("v", 1).Set("event", "finding").Set("check", finding.check);
    object.Set("verdict", VerdictName(finding.verdict)).Set("text", finding.text);
    object.Set("remedy", finding.remedy).Set("evidence", finding.evidence);
    out += object.Dump() + '\n';
  }
  return out;
}

std::string JsonOf(const Findings& findings, const std::string& board) {
  JsonObject summary;
  summary.Set("v", 1).Set("event", "doctor");
  if (board.empty())
    summary.SetNull("board");
  else
    summary.Set("board", board);
  summary.Set("exit_code", static_cast<std::int64_t>(ExitCodeOf(findings)));
  summary.Set("ok", Count(findings, FindingVerdict::kOk));
  summary.Set("notes", Count(findings, FindingVerdict::kNote));
  summary.Set("problems", ChecksWith(findings, FindingVerdict::kProblem));
  summary.Set("unknown", ChecksWith(findings, FindingVerdict::kUnknown));
  return FindingsJson(findings) + summary.Dump() + '\n';
}

Error ErrorOf(const Findings& findings, const std::string& board) {
  const std::int64_t problems = Count(findings, FindingVerdict::kProblem);
  return {ExitCodeOf(findings),
          fmt::format("{} {} board '{}' from being reached: {}", Counted(problems, "problem"),
                      problems == 1 ? "keeps" : "keep", board,
                      fmt::join(ChecksWith(findings, FindingVerdict::kProblem), ", ")),
          "do what stands behind the arrows, then ask again"};
}

}  // namespace lastgood
