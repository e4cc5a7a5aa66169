// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "record/record.h"
#include "record/record_database.h"

namespace lastgood {
namespace {

using sqlite::Connection;
using sqlite::Statement;

// The order of RunOf()'s columns.
constexpr std::string_view kSelectRuns =
    "SELECT runs.id, command, manifest_name, manifest_source, manifests.content, recipe_source, "
    "recipes.content, serial_device, options, started_at, ended_at, mac, exit_code, outcome "
    "FROM runs JOIN documents AS manifests ON manifests.id = runs.manifest "
    "JOIN documents AS recipes ON recipes.id = runs.recipe ";

constexpr std::string_view kSelectBoards =
    "SELECT mac, chip, flash_id, flash_size, running, last_seen, embedded_flash FROM boards ";

tl::unexpected<Error> FailOnContent(std::string_view what, const std::string& value) {
  return Fail(ExitCode::kInternal, fmt::format("the record holds '{}' as {}", value, what),
              "it was written by another program or a newer lastgood");
}

Result<MacAddress> MacOf(const std::string& text) {
  const auto mac = ParseMacAddress(text);
  if (!mac) return FailOnContent("a MAC address", text);
  return *mac;
}

Result<RunRecord> RunOf(const Statement& row) {
  RunRecord run;
  run.id = row.Integer(0);
  run.start = {row.Text(1), row.Text(2), row.Text(3), row.Text(4), row.Text(5),
               row.Text(6), row.Text(7), row.Text(8), {}};
  run.started_at = FromMilliseconds(row.Integer(9));
  if (!row.IsNull(10)) run.ended_at = FromMilliseconds(row.Integer(10));
  if (!row.IsNull(11)) {
    TRY(run.mac, MacOf(row.Text(11)));
  }
  run.exit_code = static_cast<int>(row.Integer(12));
  run.outcome = row.Text(13);
  return run;
}

Result<std::vector<RunTransition>> TransitionsOf(const Connection& connection, RunId run) {
  TRY(auto rows, connection.Prepare(
                     "SELECT state, detail, at FROM transitions WHERE run = ? ORDER BY id", {run}));
  return Collect<RunTransition>(std::move(rows), [](const Statement& row) {
    return Result<RunTransition>(
        RunTransition{row.Text(0), row.Text(1), FromMilliseconds(row.Integer(2))});
  });
}

Result<std::vector<EvidenceRow>> EvidenceOf(const Connection& connection, RunId run) {
  TRY(auto rows, connection.Prepare(
                     "SELECT kind, at, content FROM evidence WHERE run = ? ORDER BY id", {run}));
  return Collect<EvidenceRow>(std::move(rows), [](const Statement& row) {
    return Result<EvidenceRow>(
        EvidenceRow{row.Text(0), FromMilliseconds(row.Integer(1)), row.Text(2)});
  });
}

Result<std::vector<SourceText>> BaseRecipesOf(const Connection& connection, RunId run) {
  TRY(auto rows, connection.Prepare("SELECT source, content FROM base_recipes "
                                    "JOIN documents ON documents.id = base_recipes.recipe "
                                    "WHERE run = ? ORDER BY depth",
                                    {run}));
  return Collect<SourceText>(std::move(rows), [](const Statement& row) {
    return Result<SourceText>(SourceText{row.Text(0), row.Text(1)});
  });
}

Result<std::vector<RunRecord>> Runs(const Connection& connection, std::string_view which,
                                    std::initializer_list<sqlite::Parameter> parameters) {
  TRY(auto rows, connection.Prepare(fmt::format("{}{}", kSelectRuns, which), parameters));
  return Collect<RunRecord>(std::move(rows), &RunOf);
}

// What takes a query of its own.
Result<void> Complete(RunRecord& run, const Connection& connection) {
  TRY(run.start.base_recipes, BaseRecipesOf(connection, run.id));
  TRY(run.transitions, TransitionsOf(connection, run.id));
  return {};
}

Result<KnownGood> KnownGoodOf(const Statement& row) {
  const auto digest = ParseSha256(row.Text(1));
  if (!digest) return FailOnContent("a digest", row.Text(1));
  return KnownGood{row.Text(0), *digest, FromMilliseconds(row.Integer(2))};
}

Result<BoardBackup> BackupOf(const Statement& row) {
  const auto digest = ParseSha256(row.Text(1));
  if (!digest) return FailOnContent("a digest", row.Text(1));
  return BoardBackup{row.Text(0), *digest, FromMilliseconds(row.Integer(2))};
}

Result<Quarantine> QuarantineOf(const Statement& row) {
  Quarantine quarantine;
  TRY(quarantine.mac, MacOf(row.Text(0)));
  const auto digest = ParseSha256(row.Text(1));
  if (!digest) return FailOnContent("a digest", row.Text(1));
  quarantine.flashed_digest = *digest;
  quarantine.run = row.Integer(2);
  quarantine.manifest = {row.Text(3), row.Text(4)};
  return quarantine;
}

Result<BoardRecord> BoardOf(const Connection& connection, const Statement& row) {
  BoardRecord board;
  TRY(board.identity.mac, MacOf(row.Text(0)));
  const auto chip = ParseChip(row.Text(1));
  if (!chip) return FailOnContent("a chip", row.Text(1));
  board.identity.chip = *chip;
  board.identity.flash_id = static_cast<std::uint32_t>(row.Integer(2));
  board.identity.flash_size_bytes = static_cast<std::uint32_t>(row.Integer(3));
  board.running = row.Text(4);
  board.last_seen = FromMilliseconds(row.Integer(5));
  board.identity.embedded_flash = row.Integer(6) != 0;
  TRY(auto rows, connection.Prepare("SELECT firmware, flashed_digest, since FROM known_good "
                                    "WHERE mac = ? ORDER BY id DESC",
                                    {row.Text(0)}));
  TRY(board.known_good, Collect<KnownGood>(std::move(rows), &KnownGoodOf));
  TRY(auto backups, connection.Prepare("SELECT firmware, flashed_digest, taken_at FROM backups "
                                       "WHERE mac = ? ORDER BY id DESC",
                                       {row.Text(0)}));
  TRY(board.backups, Collect<BoardBackup>(std::move(backups), &BackupOf));
  return board;
}

Result<std::vector<BoardRecord>> SelectBoards(
    const Connection& connection, std::string_view which,
    std::initializer_list<sqlite::Parameter> parameters = {}) {
  TRY(auto rows, connection.Prepare(fmt::format("{}{}", kSelectBoards, which), parameters));
  return Collect<BoardRecord>(
      std::move(rows), [&connection](const Statement& row) { return BoardOf(connection, row); });
}

template <class T>
std::optional<T> FirstOf(std::vector<T> all) {
  if (all.empty()) return std::nullopt;
  return std::move(all.front());
}

Result<std::optional<RunRecord>> WholeRun(const Connection& connection, std::string_view which,
                                          std::initializer_list<sqlite::Parameter> parameters) {
  TRY(auto runs, Runs(connection, which, parameters));
  std::optional<RunRecord> found = FirstOf(std::move(runs));
  if (!found) return found;
  TRY_DO(Complete(*found, connection));
  TRY(found->evidence, EvidenceOf(connection, found->id));
  return found;
}

}  // namespace

Result<std::vector<RunRecord>> Record::Unfinished() const {
  using Answer = std::vector<RunRecord>;
  return database_->Read<Answer>([](const Connection& connection) -> Result<Answer> {
    TRY(auto runs, Runs(connection, "WHERE ended_at IS NULL ORDER BY runs.id", {}));
    for (RunRecord& run : runs) TRY_DO(Complete(run, connection));
    return runs;
  });
}

Result<std::vector<RunRecord>> Record::History(int count_max) const {
  using Answer = std::vector<RunRecord>;
  return database_->Read<Answer>([count_max](const Connection& connection) {
    // To SQLite, a negative limit is none.
    return Runs(connection, "ORDER BY runs.id DESC LIMIT ?", {std::max(count_max, 0)});
  });
}

Result<std::vector<RunRecord>> Record::NewestOfEachManifest() const {
  using Answer = std::vector<RunRecord>;
  return database_->Read<Answer>([](const Connection& connection) {
    return Runs(connection,
                "WHERE runs.id IN (SELECT max(id) FROM runs GROUP BY manifest_name) "
                "ORDER BY runs.id",
                {});
  });
}

Result<std::optional<RunRecord>> Record::Find(RunId run) const {
  return database_->Read<std::optional<RunRecord>>([run](const Connection& connection) {
    return WholeRun(connection, "WHERE runs.id = ?", {run});
  });
}

Result<std::optional<RunRecord>> Record::Newest() const {
  return database_->Read<std::optional<RunRecord>>([](const Connection& connection) {
    return WholeRun(connection, "ORDER BY runs.id DESC LIMIT 1", {});
  });
}

Result<std::vector<BoardRecord>> Record::Boards() const {
  using Answer = std::vector<BoardRecord>;
  return database_->Read<Answer>([](const Connection& connection) {
    return SelectBoards(connection, "ORDER BY last_seen DESC, mac");
  });
}

Result<std::optional<BoardRecord>> Record::Board(const MacAddress& mac) const {
  using Answer = std::optional<BoardRecord>;
  return database_->Read<Answer>([&mac](const Connection& connection) -> Result<Answer> {
    TRY(auto boards, SelectBoards(connection, "WHERE mac = ?", {mac.ToString()}));
    return FirstOf(std::move(boards));
  });
}

Result<std::vector<Quarantine>> Record::Quarantines() const {
  using Answer = std::vector<Quarantine>;
  return database_->Read<Answer>([](const Connection& connection) -> Result<Answer> {
    TRY(auto rows,
        connection.Prepare("SELECT quarantine.mac, flashed_digest, run, manifest_source, content "
                           "FROM quarantine JOIN runs ON runs.id = quarantine.run "
                           "JOIN documents ON documents.id = runs.manifest "
                           "ORDER BY run, quarantine.mac"));
    return Collect<Quarantine>(std::move(rows), &QuarantineOf);
  });
}

Result<bool> Record::IsQuarantined(const MacAddress& mac, const Sha256Digest& flashed) const {
  return database_->Read<bool>([&](const Connection& connection) -> Result<bool> {
    TRY(const std::int64_t count,
        connection.QueryInteger(
            "SELECT count(*) FROM quarantine WHERE mac = ? AND flashed_digest = ?",
            {mac.ToString(), flashed.ToHex()}));
    return count > 0;
  });
}

}  // namespace lastgood
