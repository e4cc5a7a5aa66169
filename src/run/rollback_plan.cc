// SPDX-License-Identifier: MIT
#include "run/rollback_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "run/recorded_recipe.h"

namespace lastgood {
namespace {

constexpr int kRunsSearched = 1000;

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
  TRY(const std::vector<RunRecord> history, record.History(kRunsSearched));
  const auto run = std::find_if(history.begin(), history.end(), [&mac](const RunRecord& candidate) {
    return candidate.mac == mac && MayHaveWritten(candidate);
  });
  if (run == history.end()) {
    return Fail(ExitCode::kRefused, fmt::format("no run of board {} is on record", mac.ToString()));
  }
  TRY(std::optional<RunRecord> whole, record.Find(run->id));
  if (!whole)
    return Fail(ExitCode::kInternal, fmt::format("run {} went out of the record", run->id));
  return *std::move(whole);
}

std::vector<FirmwareSpec> Choices(const BoardRecord& board, const Manifest& manifest) {
  std::vector<FirmwareSpec> choices;
  for (const KnownGood& good : board.known_good) {
    if (Result<FirmwareSpec> firmware = ParseFirmware(good.firmware_toml))
      choices.push_back(*std::move(firmware));
  }
  choices.insert(choices.end(), manifest.fallbacks.begin(), manifest.fallbacks.end());
  return choices;
}

Result<FirmwareSpec> Choose(const BoardRecord& board, const Manifest& manifest,
                            const std::string& version) {
  for (FirmwareSpec& choice : Choices(board, manifest)) {
    if (version.empty() ? choice.Title() != board.running : choice.version.starts_with(version))
      return std::move(choice);
  }
  const std::string wanted =
      version.empty() ? "no earlier firmware" : fmt::format("no firmware of version '{}'", version);
  return Fail(ExitCode::kRefused,
              fmt::format("{} is known for board {}", wanted, board.identity.mac.ToString()),
              "lastgood status lists what is known good");
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
  TRY(const FirmwareSpec target, Choose(board, last, version));
  TRY(Recipe recipe, RecipeOf(run.start));
  TRY(RollbackPlan rollback, PlanOfFirmware(target, "rollback", std::move(recipe)));
  rollback.board = board.identity.mac.ToString();
  rollback.serial_device = run.start.serial_device;
  return rollback;
}

}  // namespace lastgood
