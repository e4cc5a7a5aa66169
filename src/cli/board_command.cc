// SPDX-License-Identifier: MIT
// board: what a board is, how it starts, what it runs, and whether that was proven.
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/units.h"
#include "cli/commands.h"
#include "cli/locate.h"
#include "cli/session.h"
#include "health/readable_text.h"
#include "json/json_object.h"
#include "report/print.h"
#include "report/timestamp.h"
#include "run/board_examination.h"
#include "run/boot_text.h"

namespace lastgood {
namespace {

// A boot loop says the same again and again.
constexpr std::size_t kBootLogLinesMax = 24;

std::vector<std::string> BootLogLines(const Result<BootObservation>& boot) {
  std::vector<std::string> lines;
  if (!boot) return lines;
  std::size_t left_out = 0;
  for (const std::string_view line : SplitLines(AsText(boot->heard))) {
    std::string clean = CleanLine(line);
    if (clean.empty()) continue;
    if (lines.size() < kBootLogLinesMax)
      lines.push_back(std::move(clean));
    else
      ++left_out;
  }
  if (left_out > 0) lines.push_back(fmt::format("({} more lines)", left_out));
  return lines;
}

std::string Day(WallTime time) {
  return fmt::format("{:%Y-%m-%d}", fmt::localtime(std::chrono::system_clock::to_time_t(time)));
}

std::string_view StandingName(FlashStanding standing) {
  switch (standing) {
    case FlashStanding::kUnknownBoard:
      return "unknown-board";
    case FlashStanding::kNothingProven:
      return "nothing-proven";
    case FlashStanding::kKnownGood:
      return "known-good";
    case FlashStanding::kChanged:
      return "changed";
    case FlashStanding::kNotCompared:
      break;
  }
  return "not-compared";
}

std::string DescribeStanding(const BoardExamination& found) {
  const std::string proven =
      found.good_since
          ? fmt::format("{}, known good since {}", found.known_good, Day(*found.good_since))
          : found.known_good;
  switch (found.standing) {
    case FlashStanding::kUnknownBoard:
      return "lastgood has not seen this board before";
    case FlashStanding::kNothingProven:
      return "no firmware was proven on this board yet";
    case FlashStanding::kKnownGood:
      return fmt::format("{}: the flash holds just that", proven);
    case FlashStanding::kChanged:
      return fmt::format("not what was proven ({}): the flash holds something else", proven);
    case FlashStanding::kNotCompared:
      break;
  }
  return fmt::format("{}; whether the flash still holds that was not compared", proven);
}

std::vector<std::string> SecurityNames(const ChipSecurity& security) {
  std::vector<std::string> names;
  if (security.secure_boot) names.emplace_back("secure-boot");
  if (security.flash_encryption) names.emplace_back("encryption");
  if (security.secure_download) names.emplace_back("secure-download");
  return names;
}

std::string DescribeFlash(const BoardIdentity& identity) {
  if (identity.flash_size_bytes == 0) return fmt::format("unknown, id 0x{:06x}", identity.flash_id);
  return fmt::format("{}{}, id 0x{:06x}", FormatFlashSize(identity.flash_size_bytes),
                     identity.embedded_flash ? " in the chip's package" : "", identity.flash_id);
}

void PrintFacts(const BoardExamination& found, std::FILE* out) {
  const auto fact = [out](std::string_view name, const std::string& text) {
    Print(out, "  {:<9} {}\n", name, text);
  };
  if (found.identity) {
    const BoardIdentity& identity = *found.identity;
    Print(out, "Board {}\n", identity.mac.ToString());
    fact("chip", std::string(identity.Title()));
    fact("flash", DescribeFlash(identity));
    if (const auto fuses = SecurityNames(identity.security); !fuses.empty())
      fact("fuses", fmt::format("{}", fmt::join(fuses, ", ")));
    fact("loader", fmt::format("{} at {} baud on {}", found.loader, found.baud, found.device));
  } else {
    Print(out, "Board on {}\n", found.device);
  }
  fact("straps", DescribeStraps(found.boot));
  fact("", fmt::format("with the boot line asserted: {}", DescribeStraps(found.download)));
  fact("boot", DescribeBoot(found.boot));
  fact("runs", found.running == "unknown" ? "nothing that answers" : found.running);
  if (found.running_before != found.running)
    fact("", fmt::format("before it was reset: {}", found.running_before == "unknown"
                                                        ? "nothing that answered"
                                                        : found.running_before));
  if (found.identity) fact("proven", DescribeStanding(found));
  const std::vector<std::string> lines = BootLogLines(found.boot);
  if (!lines.empty()) Print(out, "  boot log\n");
  for (const std::string& line : lines) Print(out, "    {}\n", line);
}

int BootMode(const Result<BootObservation>& seen) {
  return seen && !seen->log.attempts.empty() ? seen->log.attempts.back().boot_mode : -1;
}

void SetIdentity(const BoardExamination& found, JsonObject& object) {
  if (!found.identity) {
    for (const std::string_view key :
         {"board", "chip", "flash_id", "flash_size_bytes", "embedded_flash", "fuses", "loader",
          "baud", "standing", "known_good", "known_good_since"})
      object.SetNull(key);
    return;
  }
  const BoardIdentity& identity = *found.identity;
  object.Set("board", identity.mac.ToString()).Set("chip", ChipName(identity.chip));
  object.Set("flash_id", identity.flash_id).Set("flash_size_bytes", identity.flash_size_bytes);
  object.SetBool("embedded_flash", identity.embedded_flash);
  object.Set("fuses", SecurityNames(identity.security));
  object.Set("loader", found.loader).Set("baud", found.baud);
  object.Set("standing", StandingName(found.standing));
  if (found.good_since) {
    object.Set("known_good", found.known_good)
        .Set("known_good_since", TimestampUtcSeconds(*found.good_since));
  } else {
    object.SetNull("known_good").SetNull("known_good_since");
  }
}

void PrintJson(const BoardExamination& found, std::FILE* out) {
  JsonObject object;
  object.Set("v", 1).Set("event", "examined").Set("device", found.device);
  SetIdentity(found, object);
  const auto mode = [&object](std::string_view key, int value) {
    value < 0 ? object.SetNull(key) : object.Set(key, value);
  };
  mode("boot_mode", BootMode(found.boot));
  mode("boot_mode_asserted", BootMode(found.download));
  const bool observed = found.boot.has_value();
  object.Set("resets", observed ? static_cast<std::int64_t>(found.boot->log.attempts.size()) : 0);
  object.Set("boot_fault", observed ? BootFaultName(found.boot->log.fault) : "not observed");
  const auto running = [&object](std::string_view key, const std::string& value) {
    value == "unknown" ? object.SetNull(key) : object.Set(key, value);
  };
  running("running", found.running);
  running("running_before", found.running_before);
  object.Set("boot_log", BootLogLines(found.boot));
  Print(out, "{}\n", object.Dump());
}

}  // namespace

Result<ExitCode> RunBoard(const CommandLine& line, Toolbox& tools) {
  TRY(const LocatedRecipe located, LocateRecipe(line.recipe, tools));
  TRY(const BoardExamination found, ExamineBoardOf(line, tools, located.recipe.board));
  if (line.json) {
    PrintJson(found, tools.out);
  } else if (!line.quiet) {
    PrintFacts(found, tools.out);
  }
  if (!found.identity) return Fail(found.identity.error());
  if (found.identity->chip != located.recipe.board.chip)
    return Fail(ExitCode::kBoard,
                fmt::format("recipe '{}' is for {}, the board is an {}", located.recipe.name,
                            ChipTitle(located.recipe.board.chip), found.identity->Title()),
                "name the recipe of this board");
  return ExitCode::kDone;
}

}  // namespace lastgood
