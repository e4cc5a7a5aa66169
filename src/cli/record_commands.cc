// SPDX-License-Identifier: MIT
// The commands that read the record and change nothing: status, history, show.
#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "base/units.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "evidence/run_report.h"
#include "facts/host_facts.h"
#include "host/files.h"
#include "json/json_object.h"
#include "manifest/manifest.h"
#include "report/display_text.h"
#include "report/print.h"
#include "report/timestamp.h"
#include "run/evidence_of.h"
#include "run/hands.h"

namespace lastgood {
namespace {

std::string TitleOf(const std::string& firmware_toml) {
  const Result<FirmwareSpec> firmware = ParseFirmware(firmware_toml);
  return firmware ? firmware->Title() : "firmware of another lastgood version";
}

Result<std::optional<Record>> OpenRecord(const CommandLine& line, Toolbox& tools) {
  return Record::OpenReadOnly(StateDirectoryOf(line, tools.surroundings), tools.clock);
}

// Of a board that needs hands; empty for any other.
Result<std::vector<std::string>> ToDoFor(const Record& record, const BoardRecord& board,
                                         const CommandLine& line) {
  TRY(std::optional<HandsFacts> facts, HandsFactsOf(record, board));
  if (!facts) return std::vector<std::string>();
  facts->state_directory = line.state_directory;
  return WhatHandsCanDo(*facts);
}

JsonObject JsonOf(const BoardRecord& board, const std::vector<std::string>& to_do) {
  std::vector<JsonObject> known_good;
  for (const KnownGood& good : board.known_good) {
    JsonObject entry;
    entry.Set("firmware", TitleOf(good.firmware_toml))
        .Set("flashed_digest", good.flashed_digest.ToHex())
        .Set("since", TimestampUtcSeconds(good.since));
    known_good.push_back(entry);
  }
  std::vector<JsonObject> backups;
  for (const BoardBackup& backup : board.backups) {
    JsonObject entry;
    entry.Set("firmware", TitleOf(backup.firmware_toml))
        .Set("flashed_digest", backup.flashed_digest.ToHex())
        .Set("taken", TimestampUtcSeconds(backup.taken_at));
    backups.push_back(entry);
  }
  JsonObject object;
  object.Set("v", 1).Set("event", "board").Set("board", board.identity.mac.ToString());
  object.Set("chip", ChipName(board.identity.chip)).Set("flash_id", board.identity.flash_id);
  object.Set("flash_size_bytes", board.identity.flash_size_bytes).Set("running", board.running);
  object.Set("last_seen", TimestampUtcSeconds(board.last_seen)).Set("known_good", known_good);
  object.Set("backups", backups);
  if (!to_do.empty()) object.Set("to_do", to_do);
  return object;
}

void PrintBoard(const BoardRecord& board, const std::vector<std::string>& to_do, std::FILE* out) {
  Print(out, "{}  {}, {} flash, runs {}\n", board.identity.mac.ToString(),
        ChipTitle(board.identity.chip), FormatFlashSize(board.identity.flash_size_bytes),
        board.running.empty() ? "nothing that was proven" : ToPrintable(board.running));
  if (!to_do.empty()) Print(out, "{:19}needs hands:\n", "");
  for (const std::string& line : to_do) Print(out, "{:21}{}\n", "", line);
  for (const KnownGood& good : board.known_good) {
    Print(out, "{:19}known good: {}, since {}\n", "", TitleOf(good.firmware_toml),
          TimestampLocal(good.since));
  }
  for (const BoardBackup& backup : board.backups) {
    Print(out, "{:19}backup: {}, taken {}\n", "", TitleOf(backup.firmware_toml),
          TimestampLocal(backup.taken_at));
  }
}

void PrintRun(const RunReport& run, std::FILE* out) {
  Print(out, "{:>5}  {}  {:<17}  {:>3}  {}\n", run.id, TimestampLocal(run.started_at),
        run.board.empty() ? "-" : run.board, run.ended_at ? std::to_string(run.exit_code) : "-",
        ToPrintable(OutcomeOf(run)));
}

// For its owner alone: it may be about a network that is nobody else's business.
Result<ExitCode> WriteHtml(const RunReport& report, const CommandLine& line, Toolbox& tools) {
  const std::string page = ReportHtml(report);
  if (*line.html == "-") {
    Print(tools.out, "{}", page);
    return ExitCode::kDone;
  }
  const std::string file =
      line.html->empty() ? fmt::format("lastgood-run-{}.html", report.id) : *line.html;
  std::error_code error;
  const std::filesystem::file_status there = std::filesystem::status(file, error);
  if (std::filesystem::exists(there) && !std::filesystem::is_regular_file(there))
    return Fail(ExitCode::kUsage, fmt::format("'{}' is no regular file", file),
                "name a file; --html - writes to standard output");
  if (!line.force && std::filesystem::exists(std::filesystem::symlink_status(file, error)))
    return Fail(ExitCode::kUsage, fmt::format("'{}' exists already", file),
                "--force overwrites it");
  TRY_DO(WritePrivateFile(file, AsBytes(page)));
  if (!line.quiet && !line.json) Print(tools.out, "wrote {}\n", file);
  return ExitCode::kDone;
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
      TRY(std::vector<std::string> lines, ToDoFor(*record, board, line));
      to_do.push_back(std::move(lines));
    }
    TRY(unfinished, record->Unfinished());
  }
  if (line.json) {
    for (std::size_t i = 0; i < boards.size(); ++i)
      Print(tools.out, "{}\n", JsonOf(boards[i], to_do[i]).Dump());
    for (const RunRecord& run : unfinished)
      Print(tools.out, "{}\n", ReportHeadJson(ReportOf(run, std::nullopt)).Dump());
    return ExitCode::kDone;
  }
  if (boards.empty()) Print(tools.out, "No board is known yet.\n");
  for (std::size_t i = 0; i < boards.size(); ++i) PrintBoard(boards[i], to_do[i], tools.out);
  for (const RunRecord& run : unfinished) {
    const std::string state = run.transitions.empty() ? "planned" : run.transitions.back().state;
    Print(tools.out, "Run {} ({}) {}: lastgood resume\n", run.id,
          ToPrintable(run.start.manifest_name),
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
  if (runs.empty() && !line.json) Print(tools.out, "No runs yet.\n");
  if (!runs.empty() && !line.json) {
    Print(tools.out, "{:>5}  {:<19}  {:<17}  {:>3}  {}\n", "run", "started", "board", "exit",
          "outcome");
  }
  for (const RunRecord& run : runs) {
    if (line.json) {
      Print(tools.out, "{}\n", ReportHeadJson(ReportOf(run, std::nullopt)).Dump());
    } else {
      PrintRun(ReportOf(run, std::nullopt), tools.out);
    }
  }
  return ExitCode::kDone;
}

Result<ExitCode> RunShow(const CommandLine& line, Toolbox& tools) {
  // The number of a run where a file is named: meant otherwise.
  if (line.html && !line.run && ParseNumber(*line.html))
    return Fail(ExitCode::kUsage,
                fmt::format("'{}' behind --html is the name of a file", *line.html),
                fmt::format("for run {}: lastgood show {} --html", *line.html, *line.html));
  TRY(const std::optional<Record> record, OpenRecord(line, tools));
  std::optional<RunRecord> run;
  std::optional<BoardRecord> board;
  if (record) {
    TRY(run, line.run ? record->Find(*line.run) : record->Newest());
    if (run && run->mac) {
      TRY(board, record->Board(*run->mac));
    }
  }
  if (!run && line.run)
    return Fail(ExitCode::kUsage, fmt::format("there is no run {}", *line.run),
                "lastgood history lists the runs");
  if (!run) return Fail(ExitCode::kUsage, "there are no runs yet");
  const RunReport report = ReportOf(*run, board);
  if (line.html) return WriteHtml(report, line, tools);
  Print(tools.out, "{}", line.json ? ReportJson(report).Dump() + "\n" : ReportText(report));
  return ExitCode::kDone;
}

}  // namespace lastgood
