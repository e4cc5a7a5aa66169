// SPDX-License-Identifier: MIT
#include "run/hands.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>

#include "manifest/manifest.h"
#include "run/last_run.h"
#include "run/line_names.h"
#include "run/recorded_recipe.h"
#include "setup/change.h"

namespace lastgood {
namespace {

// The 40-pin header of every Raspberry Pi since the B+, by GPIO number.
constexpr std::array<int, 28> kHeaderPins = {27, 28, 3,  5,  7,  29, 31, 26, 24, 21,
                                             19, 23, 32, 33, 8,  10, 36, 11, 12, 35,
                                             38, 40, 15, 16, 18, 22, 37, 13};

// "GPIO17 (pin 11 of a Raspberry Pi's header)".
std::string WithPin(const std::string& line) {
  constexpr std::string_view kPrefix = "GPIO";
  if (!line.starts_with(kPrefix) || line.size() > kPrefix.size() + 2) return line;
  std::size_t number = kHeaderPins.size();
  if (const std::string digits = line.substr(kPrefix.size());
      !digits.empty() &&
      std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; }))
    number = static_cast<std::size_t>(std::stoul(digits));
  return number < kHeaderPins.size()
             ? fmt::format("{} (pin {} of a Raspberry Pi's header)", line, kHeaderPins[number])
             : line;
}

// What the pins of a board are called that has one chip or the other.
std::string_view ResetPin(Chip chip) { return IsEsp32Family(chip) ? "EN" : "RST"; }
std::string_view BootPin(Chip chip) {
  return chip == Chip::kEsp32C3 || chip == Chip::kEsp32C6 ? "GPIO9" : "GPIO0";
}

std::string LinesText(const BoardSpec& board) {
  const LinesSpec& lines = board.lines;
  switch (lines.kind) {
    case LinesKind::kNone:
      return "lines: none is wired; reset and boot are buttons on the board";
    case LinesKind::kCommand:
      return fmt::format("lines: '{}' must leave the board in its loader, '{}' running",
                         fmt::join(lines.enter_download, " "), fmt::join(lines.run_firmware, " "));
    case LinesKind::kModem:
      return fmt::format("lines: the adapter's RTS to the board's {}, its DTR to {}",
                         ResetPin(board.chip), BootPin(board.chip));
    case LinesKind::kGpio:
      break;
  }
  return fmt::format("lines: {} to the board's {}, {} to its {}", WithPin(ResetLineName(lines)),
                     ResetPin(board.chip), WithPin(BootLineName(lines)), BootPin(board.chip));
}

bool IsHeaderUart(std::string_view device) {
  return device == "/dev/serial0" || device.starts_with("/dev/ttyAMA") || device == "/dev/ttyS0";
}

std::string SerialText(const std::string& device) {
  if (IsHeaderUart(device))
    return fmt::format(
        "serial: {}; on a Raspberry Pi's header, pin 8 (TX) to the board's RX, pin "
        "10 (RX) to its TX, pin 6 to its ground",
        device);
  return fmt::format(
      "serial: {}; the host's TX to the board's RX, its RX to the board's TX, ground "
      "to ground",
      device.empty() ? "the recipe's device" : device);
}

// What is most likely, by what was heard last.
std::string FirstLook(const HandsFacts& facts) {
  constexpr const char* kSupply =
      "measure the supply at the board while it starts: 3.0 to 3.6 V, and it must give 300 mA";
  if (!facts.last)
    return fmt::format(
        "it could not be asked: see that no other program has the serial device "
        "open, then {}",
        kSupply);
  switch (*facts.last) {
    case Health::kSilent:
      return fmt::format("nothing was heard: check the wires of RX and TX, then {}", kSupply);
    case Health::kGarbage:
      return "only noise was heard: check the ground wire, and that no other program has the "
             "serial "
             "device open";
    case Health::kDownloadMode:
      return fmt::format(
          "it stays in its loader: measure the board's {}, it must be at 3.3 V "
          "while {} is released",
          BootPin(facts.wiring.chip), BootLineName(facts.wiring.lines));
    case Health::kBootLoop:
    case Health::kCrash:
      return fmt::format(
          "it starts and ends: check size and mode in [firmware.flash] of the "
          "manifest and its fallbacks, then {}",
          kSupply);
    case Health::kBusyProgram:
      return "it talks, but does not answer: check the wire from the host's TX to the board's RX; "
             "erase = \"all\" in [firmware.flash] removes a program that can not be stopped";
    default:
      return "another firmware answered than was written: check the files of the manifest and its "
             "fallbacks";
  }
}

// What the state belongs to: a person's own needs no sudo.
std::string Program() { return geteuid() == 0 ? "sudo lastgood" : "lastgood"; }

// What each command repeats: where the record is, which device was used.
std::string Arguments(const HandsFacts& facts) {
  return (facts.serial_device.empty() ? "" : " --serial " + CommandLineOf({facts.serial_device})) +
         StateArgument(facts.state_directory);
}

}  // namespace

WayBack WayBackOf(const std::vector<Fallback>& fallbacks) {
  if (fallbacks.empty()) return WayBack::kNone;
  const bool copies_only = std::all_of(fallbacks.begin(), fallbacks.end(),
                                       [](const Fallback& fallback) { return fallback.is_backup; });
  return copies_only ? WayBack::kRestore : WayBack::kRollback;
}

HandsFacts HandsFactsOf(const BoardSpec& wiring, const std::string& named, const std::string& file,
                        RunId run) {
  HandsFacts facts;
  facts.wiring = wiring;
  const bool is_path = named.find('/') != std::string::npos || named.ends_with(".toml");
  facts.recipe =
      named.empty() || is_path ? std::filesystem::path(file).lexically_normal().string() : named;
  facts.run = run;
  return facts;
}

Result<std::optional<HandsFacts>> HandsFactsOf(const Record& record, const BoardRecord& board) {
  if (!board.running.empty()) return std::nullopt;
  TRY(const std::optional<RunRecord> run,
      FindLastRun(record, board.identity.mac, [](const RunRecord& candidate) {
        return candidate.ended_at && candidate.exit_code == static_cast<int>(ExitCode::kNeedsHands);
      }));
  if (!run || run->transitions.empty()) return std::nullopt;
  TRY(const Recipe recipe, RecipeOf(run->start));
  TRY(const Manifest manifest, ParseManifest(run->start.manifest_text, run->start.manifest_source));
  HandsFacts facts = HandsFactsOf(recipe.board, manifest.recipe, run->start.recipe_source, run->id);
  facts.serial_device = run->start.serial_device;
  facts.board = board.identity.mac.ToString();
  const bool by_rollback = !board.known_good.empty() || !manifest.fallbacks.empty();
  facts.way_back = by_rollback             ? WayBack::kRollback
                   : board.backups.empty() ? WayBack::kNone
                                           : WayBack::kRestore;
  facts.last = HealthOfName(run->transitions.back().detail);
  return facts;
}

std::string StateArgument(const std::string& state_directory) {
  return state_directory.empty() ? "" : " --state " + CommandLineOf({state_directory});
}

std::string CommandBack(const HandsFacts& facts) {
  const std::string command = facts.way_back == WayBack::kRestore
                                  ? "restore " + CommandLineOf({facts.recipe})
                                  : std::string("rollback");
  return fmt::format("{} {}{}{}", Program(), command,
                     facts.board.empty() ? "" : " --board " + facts.board, Arguments(facts));
}

std::vector<std::string> WhatHandsCanDo(const HandsFacts& facts) {
  return {FirstLook(facts),
          LinesText(facts.wiring),
          SerialText(facts.serial_device),
          fmt::format("what the host can tell: lastgood doctor {}", CommandLineOf({facts.recipe})),
          fmt::format("what the wires and the board tell: {} board {}{}", Program(),
                      CommandLineOf({facts.recipe}), Arguments(facts)),
          facts.way_back != WayBack::kNone
              ? fmt::format("then put a firmware back: {}", CommandBack(facts))
              : "nothing is at hand to go back to: provision a manifest that has a [[fallback]]",
          fmt::format("all that was heard: lastgood show {}{}", facts.run,
                      StateArgument(facts.state_directory))};
}

}  // namespace lastgood
