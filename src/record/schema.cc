// SPDX-License-Identifier: MIT
#include "record/schema.h"

#include <fmt/format.h>

#include <array>
#include <string>
#include <vector>

namespace lastgood {
namespace {

// Times are milliseconds since 1970-01-01T00:00:00Z. What is newest is told by id, never by time: a
// Raspberry Pi has no clock of its own, and its time may jump in either direction.
constexpr const char* kVersion1 = R"sql(
CREATE TABLE documents (
  id       INTEGER PRIMARY KEY,
  content  TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE runs (
  id               INTEGER PRIMARY KEY AUTOINCREMENT,
  command          TEXT NOT NULL,
  manifest_name    TEXT NOT NULL,
  manifest_source  TEXT NOT NULL,
  manifest         INTEGER NOT NULL REFERENCES documents (id),
  recipe_source    TEXT NOT NULL,
  recipe           INTEGER NOT NULL REFERENCES documents (id),
  serial_device    TEXT NOT NULL,
  options          TEXT NOT NULL,
  started_at       INTEGER NOT NULL,
  ended_at         INTEGER,
  mac              TEXT REFERENCES boards (mac),
  exit_code        INTEGER,
  outcome          TEXT,
  evidence         TEXT
) STRICT;
CREATE INDEX runs_unfinished ON runs (id) WHERE ended_at IS NULL;

CREATE TABLE transitions (
  id      INTEGER PRIMARY KEY,
  run     INTEGER NOT NULL REFERENCES runs (id),
  state   TEXT NOT NULL,
  detail  TEXT NOT NULL,
  at      INTEGER NOT NULL
) STRICT;
CREATE INDEX transitions_of_run ON transitions (run, id);

CREATE TABLE boards (
  mac         TEXT PRIMARY KEY,
  chip        TEXT NOT NULL,
  flash_id    INTEGER NOT NULL,
  flash_size  INTEGER NOT NULL,
  running     TEXT NOT NULL,
  last_seen   INTEGER NOT NULL
) STRICT;

CREATE TABLE known_good (
  id              INTEGER PRIMARY KEY AUTOINCREMENT,
  mac             TEXT NOT NULL REFERENCES boards (mac),
  flashed_digest  TEXT NOT NULL,
  firmware        TEXT NOT NULL,
  since           INTEGER NOT NULL,
  UNIQUE (mac, flashed_digest)
) STRICT;

CREATE TABLE quarantine (
  mac             TEXT NOT NULL REFERENCES boards (mac),
  flashed_digest  TEXT NOT NULL,
  run             INTEGER NOT NULL REFERENCES runs (id),
  since           INTEGER NOT NULL,
  PRIMARY KEY (mac, flashed_digest)
) STRICT;
)sql";

// What was read from a board before it was first written.
constexpr const char* kVersion2 = R"sql(
CREATE TABLE backups (
  id              INTEGER PRIMARY KEY AUTOINCREMENT,
  mac             TEXT NOT NULL REFERENCES boards (mac),
  flashed_digest  TEXT NOT NULL,
  firmware        TEXT NOT NULL,
  run             INTEGER REFERENCES runs (id),
  taken_at        INTEGER NOT NULL,
  UNIQUE (mac, flashed_digest)
) STRICT;
ALTER TABLE boards ADD COLUMN embedded_flash INTEGER NOT NULL DEFAULT 0;
)sql";

// The recipes that a run's recipe builds on.
constexpr const char* kBaseRecipes = R"sql(
CREATE TABLE base_recipes (
  run     INTEGER NOT NULL REFERENCES runs (id),
  depth   INTEGER NOT NULL,
  source  TEXT NOT NULL,
  recipe  INTEGER NOT NULL REFERENCES documents (id),
  PRIMARY KEY (run, depth)
) STRICT;
)sql";

// What steps changed on the host. `change` is text of setup/'s own; `boot` is the kernel's run in
// which it was made.
constexpr const char* kHostChanges = R"sql(
CREATE TABLE host_changes (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  run        INTEGER NOT NULL REFERENCES runs (id),
  step       TEXT NOT NULL,
  boot       TEXT NOT NULL,
  change     TEXT NOT NULL,
  made_at    INTEGER NOT NULL,
  undone_at  INTEGER
) STRICT;
CREATE INDEX host_changes_made ON host_changes (run, id) WHERE undone_at IS NULL;
)sql";

// What a run found out, piece by piece. Before, it was one text, written at the run's end.
constexpr const char* kEvidence = R"sql(
CREATE TABLE evidence (
  id       INTEGER PRIMARY KEY AUTOINCREMENT,
  run      INTEGER NOT NULL REFERENCES runs (id),
  kind     TEXT NOT NULL,
  at       INTEGER NOT NULL,
  content  TEXT NOT NULL
) STRICT;
CREATE INDEX evidence_of_run ON evidence (run, id);
INSERT INTO evidence (run, kind, at, content)
  SELECT id, 'text', coalesce(ended_at, started_at),
         json_object('offset_ms', 0, 'title', 'what was told', 'text', evidence)
  FROM runs WHERE coalesce(evidence, '') <> '' ORDER BY id;
ALTER TABLE runs DROP COLUMN evidence;
)sql";

Result<void> CreateVersion1(const sqlite::Connection& connection) {
  TRY_DO(connection.RunScript(kVersion1));
  return connection.RunScript(fmt::format("PRAGMA application_id = {}", kApplicationId));
}

Result<void> AddBackups(const sqlite::Connection& connection) {
  return connection.RunScript(kVersion2);
}

Result<void> AddHostSetup(const sqlite::Connection& connection) {
  TRY_DO(connection.RunScript(kHostChanges));
  return connection.RunScript(kBaseRecipes);
}

Result<void> AddEvidence(const sqlite::Connection& connection) {
  return connection.RunScript(kEvidence);
}

constexpr std::array<Migration, 4> kMigrations = {&CreateVersion1, &AddBackups, &AddHostSetup,
                                                  &AddEvidence};

Result<std::int64_t> Version(const sqlite::Connection& connection) {
  return connection.QueryInteger("PRAGMA user_version");
}

// Every table and index has a root page; a root that was lost shows before a run relies on it.
Result<void> TouchEveryTable(const sqlite::Connection& connection) {
  std::vector<std::string> tables;
  TRY(auto rows, connection.Prepare("SELECT name FROM sqlite_schema WHERE type = 'table'"));
  for (;;) {
    TRY(const bool more, rows.Step());
    if (!more) break;
    tables.push_back(rows.Text(0));
  }
  for (const std::string& table : tables) {
    TRY_DO(connection.Run(fmt::format("SELECT * FROM \"{}\" ORDER BY rowid DESC LIMIT 1", table)));
  }
  return {};
}

}  // namespace

std::span<const Migration> Migrations() { return kMigrations; }

Result<SchemaState> InspectSchema(const sqlite::Connection& connection) {
  const auto newest = static_cast<std::int64_t>(kMigrations.size());
  // All of one moment: another process may be creating the tables just now.
  TRY(const auto moment, sqlite::Transaction::Begin(connection, sqlite::TransactionKind::kRead));
  TRY(const std::int64_t tables, connection.QueryInteger("SELECT count(*) FROM sqlite_schema"));
  TRY(const std::int64_t owner, connection.QueryInteger("PRAGMA application_id"));
  TRY(const std::int64_t version, Version(connection));
  if (tables == 0 && owner == 0 && version == 0) return SchemaState::kEmpty;
  if (owner != kApplicationId) return SchemaState::kNotOurs;
  if (version > newest) return SchemaState::kNewer;
  TRY_DO(TouchEveryTable(connection));
  return version == newest ? SchemaState::kCurrent : SchemaState::kOlder;
}

Result<void> Migrate(const sqlite::Connection& connection, std::span<const Migration> migrations) {
  TRY(auto transaction, sqlite::Transaction::Begin(connection, sqlite::TransactionKind::kWrite));
  TRY(const std::int64_t version, Version(connection));
  for (auto next = static_cast<std::size_t>(version); next < migrations.size(); ++next) {
    TRY_DO(migrations[next](connection));
    TRY_DO(connection.RunScript(fmt::format("PRAGMA user_version = {}", next + 1)));
  }
  return transaction.Commit();
}

}  // namespace lastgood
