// SPDX-License-Identifier: MIT
// What happened to which board: runs and their states, known-good firmware, quarantine. SQLite with
// journal_mode=WAL and synchronous=FULL: the combination that lost no acknowledged commit in
// measured power cuts. One transaction per call; when a call returns, it is on disk.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/board_identity.h"
#include "base/digest_value.h"
#include "base/result.h"
#include "host/clock.h"

namespace lastgood {

using RunId = std::int64_t;

// A file as it was.
struct SourceText {
  std::string source;  // path or URL
  std::string text;

  bool operator==(const SourceText&) const = default;
};

// What is needed to take a run up again without the files it came from.
struct RunStart {
  std::string command;  // "provision", "rollback"
  std::string manifest_name;
  std::string manifest_source;  // path or URL as given
  std::string manifest_text;
  std::string recipe_source;
  std::string recipe_text;
  std::string serial_device;  // as opened: "/dev/ttyAMA0", "sim:…"
  std::string options;        // run/'s own encoding
  // What the recipe extends, what that one extends, …; read by Find() and Unfinished() only.
  std::vector<SourceText> base_recipes{};
};

struct RunTransition {
  std::string state;
  std::string detail;
  WallTime at;
};

// A piece of what a run found out, for its report. Nothing here reads it.
struct EvidenceRow {
  std::string kind;
  WallTime at{};
  std::string content;  // evidence/'s own encoding

  bool operator==(const EvidenceRow&) const = default;
};

struct RunRecord {
  RunId id = 0;
  RunStart start;
  WallTime started_at;
  std::optional<WallTime> ended_at;
  std::optional<MacAddress> mac;
  int exit_code = 0;                       // once ended
  std::string outcome;                     // once ended: the verdict line
  std::vector<RunTransition> transitions;  // filled by Find() and Unfinished() only
  std::vector<EvidenceRow> evidence;       // filled by Find() only
};

struct KnownGood {
  std::string firmware_toml;    // FormatFirmware(); parse with ParseFirmware()
  Sha256Digest flashed_digest;  // of the patched bytes as they lie in flash
  WallTime since;
};

// The flash as it was before lastgood changed it, as firmware that can be written again.
struct BoardBackup {
  std::string firmware_toml;
  Sha256Digest flashed_digest;
  WallTime taken_at{};
};

// A firmware that failed on a board, and is not tried there again unattended.
struct Quarantine {
  MacAddress mac;
  Sha256Digest flashed_digest;  // of the octets as they lay in that board's flash
  RunId run = 0;                // where it failed first
  SourceText manifest;          // of that run
};

struct BoardRecord {
  BoardIdentity identity;
  std::string running;  // title of the firmware that runs, as far as known; empty = unproven
  WallTime last_seen;
  std::vector<KnownGood> known_good;  // newest first, at most two
  std::vector<BoardBackup> backups;   // newest first
};

// A change that a run's step made on the host, or was about to make when it was cut.
struct HostChange {
  std::int64_t id = 0;
  RunId run = 0;
  std::string step;    // what people call it
  std::string boot;    // the kernel's run in which it was made; empty for another root
  std::string change;  // setup/'s own encoding
};

class Record {
 public:
  // Creates DIRECTORY/lastgood.db. A damaged database is moved to lastgood.db.damaged-N and a new
  // one is begun; `notice` then says so in one line. kInternal when the directory cannot be
  // written, or the database is from a newer lastgood.
  static Result<Record> Open(const std::filesystem::path& directory, const Clock& clock,
                             std::string& notice);
  // For status and history: changes nothing, not even the schema; nullopt when there is no database
  // yet.
  static Result<std::optional<Record>> OpenReadOnly(const std::filesystem::path& directory,
                                                    const Clock& clock);
  ~Record();
  Record(Record&&) noexcept;
  Record& operator=(Record&&) noexcept;

  Result<RunId> StartRun(const RunStart& start);  // state "planned"
  // `evidence` is stored along; when it can not be stored, the state alone is.
  Result<void> EnterState(RunId run, const std::string& state, const std::string& detail,
                          const std::vector<EvidenceRow>& evidence = {});
  // For a run that stays unfinished.
  Result<void> AddEvidence(RunId run, const std::vector<EvidenceRow>& evidence);
  Result<void> SetBoard(RunId run,
                        const BoardIdentity& board);  // also updates the board's own record
  // Ends a run. When `now_good` is given the firmware becomes the board's known-good in the same
  // transaction (the one before it is kept); `running` is what the board runs now, empty =
  // unproven.
  struct RunEnd {
    int exit_code = 0;
    std::string outcome;
    std::vector<EvidenceRow> evidence;  // as of EnterState()
    std::string running;
    bool keeps_running = false;         // the board was not written: what it runs stays as recorded
    std::string state;                  // entered in the same transaction; empty = none
    std::string state_detail;           // of `state`
    std::optional<KnownGood> now_good;  // `since` is set by the record
    std::optional<Sha256Digest> quarantined;  // flashed digest that failed on this board
  };
  Result<void> EndRun(RunId run, const RunEnd& end);
  // As soon as a verdict is known: a power cut later does not make it forgotten. A second failure
  // is the same quarantine.
  Result<void> AddQuarantine(RunId run, const MacAddress& mac, const Sha256Digest& flashed);
  // Before the first erase: whatever ran is unproven from here on.
  Result<void> MarkUnproven(RunId run, const MacAddress& mac);

  // A backup that is in the store by now; taken again, it moves to the front. `run` = 0: by hand.
  Result<void> AddBackup(RunId run, const MacAddress& mac, const BoardBackup& backup);
  // By hand, outside of a run.
  Result<void> RememberBoard(const BoardIdentity& board);

  // Before the change is made. `change.id` is not used; the new one is returned.
  Result<std::int64_t> AddHostChange(const HostChange& change);
  // What is known of it after it was made.
  Result<void> UpdateHostChange(std::int64_t id, const std::string& change);
  Result<void> MarkUndone(std::int64_t id);
  // Those that are not undone, newest first: of all runs, of one, or of all runs of a manifest.
  Result<std::vector<HostChange>> HostChanges() const;
  Result<std::vector<HostChange>> HostChangesOf(RunId run) const;
  Result<std::vector<HostChange>> HostChangesOf(const std::string& manifest_name) const;

  Result<std::vector<RunRecord>> Unfinished() const;            // oldest first, whole
  Result<std::vector<RunRecord>> History(int count_max) const;  // newest first
  Result<std::vector<RunRecord>> NewestOfEachManifest() const;
  Result<std::optional<RunRecord>> Find(RunId run) const;  // whole
  Result<std::optional<RunRecord>> Newest() const;         // whole
  Result<std::vector<BoardRecord>> Boards() const;
  Result<std::optional<BoardRecord>> Board(const MacAddress& mac) const;
  Result<std::vector<Quarantine>> Quarantines() const;  // oldest run first
  Result<bool> IsQuarantined(const MacAddress& mac, const Sha256Digest& flashed) const;

 private:
  struct Database;
  explicit Record(std::unique_ptr<Database> database);
  std::unique_ptr<Database> database_;
};

}  // namespace lastgood
