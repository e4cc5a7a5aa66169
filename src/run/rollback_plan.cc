// SPDX-License-Identifier: MIT
#include "run/rollback_plan.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <utility>
#include <vector>

#include "run/last_run.h"
#include "run/recorded_recipe.h"

namespace lastgood {
namespace {

Result<BoardRecord> FindBoard(const Record& record, const std::string& mac) {
  TRY(std::vector<BoardRecord> boards, record.Boards());
  std::erase_if(boards, [&mac](const BoardRecord& board) {
    return !mac.empty() && board.identity.mac.ToString() != mac;
  });
  if (boards.size() == 1) return boards.front();
  if (boards.empty()) {
    return Fail(ExitCode::kRefused,
                mac.empty() ? "no board is known yet" : fmt::format("board {} is not known", mac),
                "lastgood status lists the boards");
  }
  return Fail(ExitCode::kUsage, fmt::format("{} boards are known", boards.size()),
              "say which one with --board MAC; lastgood status lists them");
}

// Whether the run may have written to its board. What was refused before that (by a wrong recipe,
// for one) is no pattern for the way back.
bool MayHaveWritten(const RunRecord& run) {
  if (!run.ended_at) return true;
  constexpr std::array kCodes = {ExitCode::kDone, ExitCode::kInternal, ExitCode::kRolledBack,
                                 ExitCode::kNeedsHands, ExitCode::kInterrupted};
  return std::any_of(kCodes.begin(), kCodes.end(),
                     [&run](ExitCode code) { return static_cast<int>(code) == run.exit_code; });
}

Result<RunRecord> LastRunOf(const Record& record, const MacAddress& mac) {
  TRY(std::optional<RunRecord> run, FindLastRun(record, mac, MayHaveWritten));
  if (!run)
    return Fail(ExitCode::kRefused, fmt::format("no run of board {} is on record", mac.ToString()));
  return *std::move(run);
}

// What the board can go back to, each once, in the order in which it is preferred: what was proven
// once and has failed there since is the last resort.
Result<std::vector<FirmwareSpec>> Choices(const Record& record, const BoardRecord& board,
                                          const Manifest& manifest) {
  std::vector<FirmwareSpec> choices;
  const auto add = [&choices](const FirmwareSpec& firmware) {
    const bool listed = std::any_of(
        choices.begin(), choices.end(),
        [&firmware](const FirmwareSpec& other) { return other.Title() == firmware.Title(); });
    if (!listed) choices.push_back(firmware);
  };
  std::vector<FirmwareSpec> failed_since;
  for (const KnownGood& good : board.known_good) {
    const Result<FirmwareSpec> firmware = ParseFirmware(good.firmware_toml);
    if (!firmware) continue;
    TRY(const bool failed, record.IsQuarantined(board.identity.mac, good.flashed_digest));
    if (failed)
      failed_since.push_back(*firmware);
    else
      add(*firmware);
  }
  for (const FirmwareSpec& fallback : manifest.fallbacks) add(fallback);
  for (const FirmwareSpec& firmware : failed_since) add(firmware);
  return choices;
}

// "1.2" names 1.2 and 1.2.1, but not 1.22.
bool EndsComponent(const std::string& version, const std::string& prefix) {
  return version.starts_with(prefix) &&
         (version.size() == prefix.size() ||
          std::isalnum(static_cast<unsigned char>(version[prefix.size()])) == 0);
}

std::string TitlesOf(const std::vector<FirmwareSpec>& choices) {
  std::vector<std::string> titles;
  for (const FirmwareSpec& choice : choices) titles.push_back(choice.Title());
  return fmt::format("{}", fmt::join(titles, ", "));
}

// What `wanted` names: a title or a version as it stands, else the beginning of one.
std::vector<FirmwareSpec> Named(const std::vector<FirmwareSpec>& choices,
                                const std::string& wanted) {
  std::vector<FirmwareSpec> exact;
  std::vector<FirmwareSpec> begun;
  for (const FirmwareSpec& choice : choices) {
    if (choice.version == wanted || choice.Title() == wanted) exact.push_back(choice);
    if (EndsComponent(choice.version, wanted)) begun.push_back(choice);
  }
  return exact.empty() ? begun : exact;
}

Result<FirmwareSpec> Choose(const BoardRecord& board, const std::vector<FirmwareSpec>& choices,
                            const std::string& version) {
  const std::string mac = board.identity.mac.ToString();
  const std::string hint = choices.empty() ? "lastgood status lists what is known good"
                                           : "it can go back to " + TitlesOf(choices);
  if (version.empty()) {
    const auto earlier = std::find_if(
        choices.begin(), choices.end(),
        [&board](const FirmwareSpec& choice) { return choice.Title() != board.running; });
    if (earlier != choices.end()) return *earlier;
    return Fail(ExitCode::kRefused, fmt::format("no earlier firmware is known for board {}", mac),
                "lastgood status lists what is known good");
  }
  const std::vector<FirmwareSpec> named = Named(choices, version);
  if (named.size() == 1) return named.front();
  if (named.empty())
    return Fail(ExitCode::kRefused,
                fmt::format("no firmware of version '{}' is known for board {}", version, mac),
                hint);
  return Fail(ExitCode::kUsage, fmt::format("'{}' may be {}", version, TitlesOf(named)),
              "say which one, as it stands there: --to '" + named.front().Title() + "'");
}

}  // namespace

Result<RollbackPlan> PlanOfFirmware(const FirmwareSpec& firmware, const std::string& command,
                                    Recipe recipe) {
  const std::string name = fmt::format("{} to {}", command, firmware.Title());
  std::string text = fmt::format("schema = 1\nname = {}\nrecipe = {}\n{}", toml::Quote(command),
                                 toml::Quote(recipe.name), FormatFirmware(firmware));
  TRY(Manifest manifest, ParseManifest(std::move(text), name));
  TRY(Plan plan, MakePlan(std::move(manifest), std::move(recipe)));
  // The way back of a board does not depend on what may be wrong with the host's set-up.
  plan.steps.clear();
  PlanSource source{command, name, plan.recipe.document.name()};
  return RollbackPlan{std::move(plan), std::move(source), "", ""};
}

Result<RollbackPlan> PlanRollback(const Record& record, const std::string& mac,
                                  const std::string& version) {
  TRY(const BoardRecord board, FindBoard(record, mac));
  TRY(const RunRecord run, LastRunOf(record, board.identity.mac));
  TRY(const Manifest last, ParseManifest(run.start.manifest_text, run.start.manifest_source));
  TRY(const std::vector<FirmwareSpec> choices, Choices(record, board, last));
  TRY(const FirmwareSpec target, Choose(board, choices, version));
  TRY(Recipe recipe, RecipeOf(run.start));
  TRY(RollbackPlan rollback, PlanOfFirmware(target, "rollback", std::move(recipe)));
  rollback.board = board.identity.mac.ToString();
  rollback.serial_device = run.start.serial_device;
  return rollback;
}

}  // namespace lastgood
