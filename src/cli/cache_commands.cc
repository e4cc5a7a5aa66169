// SPDX-License-Identifier: MIT
// cache: what the store has, whether it is whole, and what of it may go.
#include <fmt/format.h>

#include <filesystem>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "base/units.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "cli/store_output.h"
#include "fetch/fetch.h"
#include "json/json_object.h"
#include "report/print.h"
#include "run/store_pins.h"

namespace lastgood {
namespace {

namespace fs = std::filesystem;

std::uint64_t SizeOf(const std::vector<StoredFile>& files) {
  std::uint64_t size_bytes = 0;
  for (const StoredFile& file : files) size_bytes += file.size_bytes;
  return size_bytes;
}

std::string Counted(std::size_t count) {
  return fmt::format("{} file{}", count, count == 1 ? "" : "s");
}

// What one command says about the files, in text or JSON.
class Telling {
 public:
  Telling(const CommandLine& line, Toolbox& tools, const Pins& pins)
      : line_(line), tools_(tools), pins_(pins) {}

  void Tell(const StoredFile& file, std::string_view verdict) {
    if (line_.json) {
      Print(tools_.out, "{}\n", StoredJson(file, pins_, verdict));
      return;
    }
    if (line_.quiet) return;
    if (told_++ == 0) Print(tools_.out, "{}", StoredHeading());
    Print(tools_.out, "{}", StoredLine(file, pins_, tools_.clock.WallNow()));
  }

  ExitCode Finish(ExitCode code, const std::string& text) const {
    if (line_.json) {
      JsonObject object;
      object.Set("v", 1).Set("event", "cache").Set("exit_code", static_cast<std::int64_t>(code));
      object.Set("text", text);
      Print(tools_.out, "{}\n", object.Dump());
    } else if (!line_.quiet) {
      Print(tools_.out, "{}\n", text);
    }
    return code;
  }

 private:
  const CommandLine& line_;
  Toolbox& tools_;
  const Pins& pins_;
  int told_ = 0;
};

// A record that was damaged is set aside and begun anew: what the old one pinned is not known any
// more.
Result<void> CheckNoDamagedRecord(const fs::path& directory) {
  std::error_code ignored;
  const fs::path record = directory / "lastgood.db";
  if (fs::exists(record, ignored) && fs::is_empty(record, ignored))
    return Fail(ExitCode::kRefused,
                fmt::format("the record '{}' is empty, so nobody can tell which images it needs",
                            record.string()),
                "remove that file when no board was ever provisioned from here");
  for (const auto& entry : fs::directory_iterator(directory, ignored)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with("lastgood.db.damaged-")) continue;
    return Fail(ExitCode::kRefused,
                fmt::format("the record was found damaged and set aside as '{}', so nobody can "
                            "tell which images it needs",
                            entry.path().string()),
                "remove that file when nothing of it is needed any more");
  }
  return {};
}

PruneRules RulesOf(const CommandLine& line) {
  PruneRules rules;
  rules.all = line.all;
  if (line.older_than_days) rules.older_than = std::chrono::days(*line.older_than_days);
  rules.size_max_bytes = line.size_max_bytes;
  return rules;
}

// False: somebody is at it, or it is gone already.
Result<bool> Remove(const StoredFile& file, Toolbox& tools) {
  if (file.kind == StoredKind::kPart)
    return DiscardUnfinished(file.path, tools.clock, tools.interrupt);
  std::error_code error;
  const bool removed = fs::remove(file.path, error);
  if (!error) return removed;
  return Fail(ExitCode::kInternal,
              fmt::format("cannot remove '{}': {}", file.path.string(), error.message()));
}

}  // namespace

Result<ExitCode> RunCacheList(const CommandLine& line, Toolbox& tools) {
  const fs::path directory = StateDirectoryOf(line, tools.surroundings);
  TRY(const std::vector<StoredFile> files, ArtifactStore::OpenReadOnly(directory).List());
  const Result<Pins> known = PinsOf(Record::OpenReadOnly(directory, tools.clock));
  const Pins pins = known ? *known : Pins();
  Telling telling(line, tools, pins);
  for (const StoredFile& file : files) telling.Tell(file, "kept");
  std::string text =
      files.empty() ? "The store is empty."
                    : fmt::format("{}, {}.", Counted(files.size()), FormatByteCount(SizeOf(files)));
  if (!known) text += fmt::format(" Not told what they are needed for: {}.", known.error().message);
  return telling.Finish(ExitCode::kDone, text);
}

Result<ExitCode> RunCacheVerify(const CommandLine& line, Toolbox& tools) {
  const fs::path directory = StateDirectoryOf(line, tools.surroundings);
  TRY(const std::vector<StoredFile> files, ArtifactStore::OpenReadOnly(directory).List());
  if (files.empty()) return Telling(line, tools, {}).Finish(ExitCode::kDone, "The store is empty.");
  TRY(const ArtifactStore store, ArtifactStore::Open(directory));
  const Result<Pins> known = PinsOf(Record::OpenReadOnly(directory, tools.clock));
  const Pins pins = known ? *known : Pins();
  Telling telling(line, tools, pins);
  const SignalWatch watch(tools.interrupt);
  std::size_t whole = 0;
  std::size_t damaged = 0;
  for (StoredFile file : files) {
    if (file.kind != StoredKind::kImage) continue;
    TRY_DO(tools.interrupt.Check());
    TRY(const bool is_whole, store.Check(*file.sha256));
    ++(is_whole ? whole : damaged);
    if (!is_whole) file.kind = StoredKind::kDamaged;
    if (!is_whole || line.json) telling.Tell(file, is_whole ? "whole" : "damaged");
  }
  if (damaged == 0)
    return telling.Finish(ExitCode::kDone, fmt::format("{} whole.", Counted(whole)));
  return telling.Finish(ExitCode::kNotTrusted,
                        fmt::format("{} damaged, set aside as NAME.damaged; {} whole. What is "
                                    "needed: lastgood fetch MANIFEST.",
                                    Counted(damaged), Counted(whole)));
}

Result<ExitCode> RunCachePrune(const CommandLine& line, Toolbox& tools) {
  const fs::path directory = StateDirectoryOf(line, tools.surroundings);
  TRY(const std::vector<StoredFile> before, ArtifactStore::OpenReadOnly(directory).List());
  if (before.empty())
    return Telling(line, tools, {}).Finish(ExitCode::kDone, "The store is empty.");
  // A run that is going on may be about to need what no run needs yet.
  std::optional<FileLock> lock;
  if (!line.dry_run) {
    TRY(lock, LockState(directory, tools.clock));
  }
  TRY_DO(CheckNoDamagedRecord(directory));
  TRY(const Pins pins, PinsOf(Record::OpenReadOnly(directory, tools.clock)));
  TRY(const std::vector<StoredFile> files, ArtifactStore::OpenReadOnly(directory).List());
  Telling telling(line, tools, pins);
  const SignalWatch watch(tools.interrupt);
  std::vector<StoredFile> removed;
  for (const StoredFile& file : ChoosePrunable(files, pins, RulesOf(line), tools.clock.WallNow())) {
    TRY_DO(tools.interrupt.Check());
    if (!line.dry_run) {
      TRY(const bool gone, Remove(file, tools));
      if (!gone) continue;
    }
    telling.Tell(file, "removed");
    removed.push_back(file);
  }
  const std::uint64_t removed_bytes = SizeOf(removed);
  return telling.Finish(
      ExitCode::kDone,
      fmt::format("{}: {}, {}. {}, {} left.", line.dry_run ? "Would remove" : "Removed",
                  Counted(removed.size()), FormatByteCount(removed_bytes),
                  Counted(files.size() - removed.size()),
                  FormatByteCount(SizeOf(files) - removed_bytes)));
}

}  // namespace lastgood
