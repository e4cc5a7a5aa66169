// SPDX-License-Identifier: MIT
// health: does the firmware on a board work, and what does a recording say of one.
#include <fmt/format.h>

#include <filesystem>
#include <optional>
#include <utility>
#include <vector>

#include "cli/commands.h"
#include "cli/execute.h"
#include "cli/health_output.h"
#include "cli/locate.h"
#include "cli/session.h"
#include "host/files.h"
#include "report/display_text.h"
#include "report/null_reporter.h"
#include "report/print.h"
#include "run/board_health.h"
#include "run/replay.h"

namespace lastgood {
namespace {

constexpr std::uint64_t kReplaySizeMax = 64ULL * 1024 * 1024;

ExitCode Tell(const ToldVerdict& told, const CommandLine& line, Toolbox& tools) {
  const std::string name = VerdictName(told.verdict);
  if (line.json) {
    Print(tools.out, "{}\n", JsonOf(told));
  } else {
    const Reporting reporting = MakeReporter(line, tools);
    reporting.reporter->Stage({"health",
                               told.verdict.good() ? StageOutcome::kOk : StageOutcome::kFail,
                               told.verdict.summary, DetailsOf(told), told.elapsed});
    if (told.verdict.good() && !line.quiet) Print(tools.out, "Verdict: {}.\n", ToPrintable(name));
  }
  std::fflush(tools.out);
  if (!told.verdict.good())
    PrintError({told.code(), fmt::format("{}: not healthy: {}", told.source, ToPrintable(name)),
                told.verdict.remedy},
               /*json=*/false, tools.out, tools.err);
  return told.code();
}

Result<BoardHealth> AskBoard(const CommandLine& line, Toolbox& tools) {
  if (line.manifest.empty() && line.recipe.empty())
    return Fail(ExitCode::kUsage, "which board is meant, and how is it wired?",
                "name a manifest, or give --recipe; --replay takes a recording instead");
  std::optional<HealthSpec> expected;
  BoardSpec board;
  if (line.manifest.empty()) {
    TRY(LocatedRecipe located, LocateRecipe(line.recipe, tools));
    board = std::move(located.recipe.board);
  } else {
    TRY(LocatedPlan located, LocatePlan(line, tools));
    expected = std::move(located.plan.manifest.firmware.health);
    board = std::move(located.plan.recipe.board);
  }
  NullReporter reporter;
  const StubLibrary stubs;
  const SignalWatch watch(tools.interrupt);
  return CheckBoardHealth(BoardSeamsOf(tools, reporter, stubs), board, line.serial_device,
                          expected);
}

std::vector<std::string> RemarksOn(const ReplayedStart& start, std::size_t number,
                                   std::size_t count) {
  std::vector<std::string> remarks;
  if (count > 1)
    remarks.push_back(fmt::format("start {} of {}, at {:.3f} s", number, count,
                                  std::chrono::duration<double>(start.at).count()));
  if (!start.trouble.empty()) remarks.push_back(start.trouble + "; judged by what was heard alone");
  if (!start.recorded.empty() && start.recorded != VerdictName(start.verdict))
    remarks.push_back("the verdict then: " + start.recorded);
  return remarks;
}

Result<ExitCode> Replay(const CommandLine& line, Toolbox& tools) {
  const std::string& file = line.replay_file;
  const Result<Bytes> content = ReadFile(file, kReplaySizeMax);
  if (!content)
    return Fail(ExitCode::kUsage, content.error().message,
                "--replay takes a recording of --record, or the log of a terminal program");
  TRY(const std::vector<ReplayedStart> starts, ReplayRecording(*content, file));
  ExitCode code = ExitCode::kDone;
  for (std::size_t i = line.all ? 0 : starts.size() - 1; i < starts.size(); ++i) {
    const ReplayedStart& start = starts[i];
    code = Tell({file,
                 start.checked_again ? "replayed" : "read",
                 start.verdict,
                 {},
                 i + 1,
                 starts.size(),
                 start.recorded,
                 start.trouble,
                 RemarksOn(start, i + 1, starts.size())},
                line, tools);
  }
  return code;
}

}  // namespace

Result<ExitCode> RunHealth(const CommandLine& line, Toolbox& tools) {
  if (!line.replay_file.empty()) return Replay(line, tools);
  const TimePoint began = tools.clock.Now();
  TRY(BoardHealth found, AskBoard(line, tools));
  const auto elapsed = std::chrono::round<std::chrono::milliseconds>(tools.clock.Now() - began);
  return Tell({found.device, "checked", std::move(found.verdict), elapsed, 1, 1, {}, {}, {}}, line,
              tools);
}

}  // namespace lastgood
