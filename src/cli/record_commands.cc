// SPDX-License-Identifier: MIT
// The commands that read the record and change nothing: status, history, show.
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <ctime>
#include <optional>
#include <utility>

#include "base/units.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "json/json_object.h"
#include "manifest/manifest.h"
#include "run/hands.h"

namespace lastgood {
namespace {

std::string When(WallTime time) {
  std::tm local{};
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  localtime_r(&seconds, &local);
  return fmt::format("{:%Y-%m-%d %H:%M:%S}", local);
}

std::string WhenUtc(WallTime time) {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(time)));
}

std::string TitleOf(const std::string& firmware_toml) {
  const Result<FirmwareSpec> firmware = ParseFirmware(firmware_toml);
  return firmware ? firmware->Title() : "firmware of another lastgood version";
}

Result<std::optional<Record>> OpenRecord(const CommandLine& line, Toolbox& tools) {
  return Record::OpenReadOnly(StateDirectoryOf(line, tools.surroundings), tools.clock);
}

// Of a board that needs hands; empty for any other.
Result<std::vector<std::string>> ToDoFor(const Record& record, const BoardRecord& board) {
  TRY(const std::optional<HandsFacts> facts, HandsFactsOf(record, board));
  return facts ? WhatHandsCanDo(*facts) : std::vector<std::string>();
}

JsonObject JsonOf(const BoardRecord& board, const std::vector<std::string>& to_do) {
  std::vector<JsonObject> known_good;
  for (const KnownGood& good : board.known_good) {
    JsonObject entry;
    entry.Set("firmware", TitleOf(good.firmware_toml))
        .Set("flashed_digest", good.flashed_digest.ToHex())
        .Set("since", WhenUtc(good.since));
    known_good.push_back(entry);
  }
  std::vector<JsonObject> backups;
  for (const BoardBackup& backup : board.backups) {
    JsonObject entry;
    entry.Set("firmware", TitleOf(backup.firmware_toml))
        .Set("flashed_digest", backup.flashed_digest.ToHex())
        .Set("taken", WhenUtc(backup.taken_at));
    backups.push_back(entry);
  }
  JsonObject object;
  object.Set("v", 1).Set("event", "board").Set("board", board.identity.mac.ToString());
  object.Set("chip", ChipName(board.identity.chip)).Set("flash_id", board.identity.flash_id);
  object.Set("flash_size_bytes", board.identity.flash_size_bytes).Set("running", board.running);
  object.Set("last_seen", WhenUtc(board.last_seen)).Set("known_good", known_good);
  object.Set("backups", backups);
  if (!to_do.empty()) object.Set("to_do", to_do);
  return object;
}

void PrintBoard(const BoardRecord& board, const std::vector<std::string>& to_do, std::FILE* out) {
  fmt::print(out, "{}  {}, {} flash, runs {}\n", board.identity.mac.ToString(),
             ChipTitle(board.identity.chip), FormatFlashSize(board.identity.flash_size_bytes),
             board.running.empty() ? "nothing that was proven" : board.running);
  if (!to_do.empty()) fmt::print(out, "{:19}needs hands:\n", "");
  for (const std::string& line : to_do) fmt::print(out, "{:21}{}\n", "", line);
  for (const KnownGood& good : board.known_good) {
    fmt::print(out, "{:19}known good: {}, since {}\n", "", TitleOf(good.firmware_toml),
               When(good.since));
  }
  for (const BoardBackup& backup : board.backups) {
    fmt::print(out, "{:19}backup: {}, taken {}\n", "", TitleOf(backup.firmware_toml),
               When(backup.taken_at));
  }
}

JsonObject JsonOf(const RunRecord& run) {
  JsonObject object;
  object.Set("v", 1).Set("event", "run").Set("run", run.id).Set("command", run.start.command);
  object.Set("manifest", run.start.manifest_name).Set("started", WhenUtc(run.started_at));
  if (run.ended_at) {
    object.Set("ended", WhenUtc(*run.ended_at)).Set("exit_code", run.exit_code);
  } else {
    object.SetNull("ended").SetNull("exit_code");
  }
  object.Set("board", run.mac ? run.mac->ToString() : "").Set("outcome", run.outcome);
  return object;
}

std::string OutcomeOf(const RunRecord& run) {
  if (!run.ended_at) return "not finished: lastgood resume";
  return run.outcome;
}

void PrintRun(const RunRecord& run, std::FILE* out) {
  fmt::print(out, "{:>5}  {}  {:<17}  {:>3}  {}\n", run.id, When(run.started_at),
             run.mac ? run.mac->ToString() : "-",
             run.ended_at ? std::to_string(run.exit_code) : "-", OutcomeOf(run));
}

}  // namespace

Result<ExitCode> RunStatus(const CommandLine& line, Toolbox& tools) {
  TRY(const std::optional<Record> record, OpenRecord(line, tools));
  std::vector<BoardRecord> boards;
  std::vector<std::vector<std::string>> to_do;
  std::vector<RunRecord> unfinished;
  if (record) {
    TRY(boards, record->Boards());
    for (const BoardRecord& board : boards) {
      TRY(std::vector<std::string> lines, ToDoFor(*record, board));
      to_do.push_back(std::move(lines));
    }
    TRY(unfinished, record->Unfinished());
  }
  if (line.json) {
    for (std::size_t i = 0; i < boards.size(); ++i)
      fmt::print(tools.out, "{}\n", JsonOf(boards[i], to_do[i]).Dump());
    for (const RunRecord& run : unfinished) fmt::print(tools.out, "{}\n", JsonOf(run).Dump());
    return ExitCode::kDone;
  }
  if (boards.empty()) fmt::print(tools.out, "No board is known yet.\n");
  for (std::size_t i = 0; i < boards.size(); ++i) PrintBoard(boards[i], to_do[i], tools.out);
  for (const RunRecord& run : unfinished) {
    const std::string state = run.transitions.empty() ? "planned" : run.transitions.back().state;
    fmt::print(tools.out, "Run {} ({}) {}: lastgood resume\n", run.id, run.start.manifest_name,
               state == "reboot" ? "waits for a reboot; then" : "was cut in state " + state);
  }
  return ExitCode::kDone;
}

Result<ExitCode> RunHistory(const CommandLine& line, Toolbox& tools) {
  TRY(const std::optional<Record> record, OpenRecord(line, tools));
  std::vector<RunRecord> runs;
  if (record) {
    TRY(runs, record->History(line.count));
  }
  if (runs.empty() && !line.json) fmt::print(tools.out, "No runs yet.\n");
  if (!runs.empty() && !line.json) {
    fmt::print(tools.out, "{:>5}  {:<19}  {:<17}  {:>3}  {}\n", "run", "started", "board", "exit",
               "outcome");
  }
  for (const RunRecord& run : runs) {
    if (line.json) {
      fmt::print(tools.out, "{}\n", JsonOf(run).Dump());
    } else {
      PrintRun(run, tools.out);
    }
  }
  return ExitCode::kDone;
}

Result<ExitCode> RunShow(const CommandLine& line, Toolbox& tools) {
  TRY(const std::optional<Record> record, OpenRecord(line, tools));
  std::optional<RunRecord> run;
  if (record) {
    TRY(run, record->Find(line.run));
  }
  if (!run)
    return Fail(ExitCode::kUsage, fmt::format("there is no run {}", line.run),
                "lastgood history lists the runs");
  if (line.json) {
    std::vector<JsonObject> transitions;
    for (const RunTransition& transition : run->transitions) {
      JsonObject entry;
      entry.Set("state", transition.state)
          .Set("detail", transition.detail)
          .Set("at", WhenUtc(transition.at));
      transitions.push_back(entry);
    }
    JsonObject object = JsonOf(*run);
    object.Set("states", transitions).Set("evidence", run->evidence);
    fmt::print(tools.out, "{}\n", object.Dump());
    return ExitCode::kDone;
  }
  fmt::print(tools.out, "Run {}: {} {} ({})\n", run->id, run->start.command,
             run->start.manifest_name, run->start.manifest_source);
  fmt::print(tools.out, "{}\n\nStates\n", OutcomeOf(*run));
  for (const RunTransition& transition : run->transitions) {
    fmt::print(tools.out, "  {}  {:<18} {}\n", When(transition.at), transition.state,
               transition.detail);
  }
  fmt::print(tools.out, "\n{}", run->evidence);
  return ExitCode::kDone;
}

}  // namespace lastgood
