// SPDX-License-Identifier: MIT
#include "record/record.h"

#include <fmt/format.h>

#include "record/record_database.h"

namespace lastgood {
namespace {

using sqlite::Connection;
using sqlite::Transaction;
using sqlite::TransactionKind;

constexpr int kKnownGoodMax = 2;

Result<std::int64_t> DocumentId(const Connection& connection, const std::string& content) {
  TRY_DO(connection.Run("INSERT INTO documents (content) VALUES (?) ON CONFLICT DO NOTHING",
                        {content}));
  return connection.QueryInteger("SELECT id FROM documents WHERE content = ?", {content});
}

Result<void> AddBaseRecipes(const Connection& connection, RunId run,
                            const std::vector<SourceText>& recipes) {
  std::int64_t depth = 0;
  for (const SourceText& recipe : recipes) {
    TRY(const std::int64_t document, DocumentId(connection, recipe.text));
    TRY_DO(
        connection.Run("INSERT INTO base_recipes (run, depth, source, recipe) VALUES (?, ?, ?, ?)",
                       {run, ++depth, recipe.source, document}));
  }
  return {};
}

Result<void> AddTransition(const Connection& connection, RunId run, const std::string& state,
                           const std::string& detail, std::int64_t now) {
  return connection.Run("INSERT INTO transitions (run, state, detail, at) VALUES (?, ?, ?, ?)",
                        {run, state, detail, now});
}

Result<void> InsertEvidence(const Connection& connection, RunId run,
                            const std::vector<EvidenceRow>& evidence) {
  for (const EvidenceRow& row : evidence)
    TRY_DO(connection.Run("INSERT INTO evidence (run, kind, at, content) VALUES (?, ?, ?, ?)",
                          {run, row.kind, ToMilliseconds(row.at), row.content}));
  return {};
}

// Calls `write` with the evidence; when that fails for any reason but another program's lock, again
// without: what is told of a run never decides about it.
template <class Write>
Result<void> WithEvidence(const std::vector<EvidenceRow>& evidence, Write write) {
  Result<void> written = write(evidence);
  if (written || evidence.empty() || written.error().code == ExitCode::kBusy) return written;
  return write(std::vector<EvidenceRow>());
}

Result<void> RequireUnfinished(const Connection& connection, RunId run) {
  TRY(auto rows, connection.Prepare("SELECT ended_at FROM runs WHERE id = ?", {run}));
  TRY(const bool found, rows.Step());
  if (!found) return Fail(ExitCode::kInternal, fmt::format("run {} is not in the record", run));
  if (!rows.IsNull(0)) return Fail(ExitCode::kInternal, fmt::format("run {} has ended", run));
  return {};
}

// Proven again moves to the front and keeps the day on which it was first proven.
Result<void> AddKnownGood(const Connection& connection, const std::string& mac,
                          const KnownGood& good, std::int64_t now) {
  const std::string digest = good.flashed_digest.ToHex();
  TRY(const std::int64_t first_proven,
      connection.QueryInteger("SELECT since FROM known_good WHERE mac = ? AND flashed_digest = ?",
                              {mac, digest}));
  const std::int64_t since = first_proven != 0 ? first_proven : now;
  TRY_DO(
      connection.Run("DELETE FROM known_good WHERE mac = ? AND flashed_digest = ?", {mac, digest}));
  TRY_DO(connection.Run(
      "INSERT INTO known_good (mac, flashed_digest, firmware, since) VALUES (?, ?, ?, ?)",
      {mac, digest, good.firmware_toml, since}));
  TRY_DO(
      connection.Run("DELETE FROM quarantine WHERE mac = ? AND flashed_digest = ?", {mac, digest}));
  return connection.Run(
      "DELETE FROM known_good WHERE mac = ?1 AND id NOT IN "
      "(SELECT id FROM known_good WHERE mac = ?1 ORDER BY id DESC LIMIT ?2)",
      {mac, kKnownGoodMax});
}

Result<void> PutInQuarantine(const Connection& connection, const std::string& mac,
                             const Sha256Digest& digest, RunId run, std::int64_t now) {
  return connection.Run(
      "INSERT INTO quarantine (mac, flashed_digest, run, since) VALUES (?, ?, ?, ?) "
      "ON CONFLICT DO NOTHING",
      {mac, digest.ToHex(), run, now});
}

Result<void> SetRunning(const Connection& connection, const std::string& mac,
                        const std::string& running) {
  return connection.Run("UPDATE boards SET running = ? WHERE mac = ?", {running, mac});
}

Result<void> UpdateBoard(const Connection& connection, const std::string& mac, RunId run,
                         const Record::RunEnd& end, std::int64_t now) {
  if (!end.keeps_running) TRY_DO(SetRunning(connection, mac, end.running));
  if (end.now_good) TRY_DO(AddKnownGood(connection, mac, *end.now_good, now));
  if (end.quarantined) TRY_DO(PutInQuarantine(connection, mac, *end.quarantined, run, now));
  return {};
}

Result<void> WriteBoard(const Connection& connection, const BoardIdentity& board,
                        std::int64_t now) {
  return connection.Run(
      "INSERT INTO boards (mac, chip, flash_id, flash_size, embedded_flash, running, last_seen) "
      "VALUES (?, ?, ?, ?, ?, '', ?) ON CONFLICT (mac) DO UPDATE SET chip = excluded.chip, "
      "flash_id = excluded.flash_id, flash_size = excluded.flash_size, "
      "embedded_flash = excluded.embedded_flash, last_seen = excluded.last_seen",
      {board.mac.ToString(), ChipName(board.chip), board.flash_id, board.flash_size_bytes,
       board.embedded_flash ? 1 : 0, now});
}

}  // namespace

Record::Record(std::unique_ptr<Database> database) : database_(std::move(database)) {}
Record::~Record() = default;
Record::Record(Record&&) noexcept = default;
Record& Record::operator=(Record&&) noexcept = default;

Result<Record> Record::Open(const std::filesystem::path& directory, const Clock& clock,
                            std::string& notice) {
  TRY(auto connection, OpenForWriting(directory, notice));
  return Record(std::unique_ptr<Database>(
      new Database{RecordPath(directory), &clock, std::move(connection), std::nullopt}));
}

Result<std::optional<Record>> Record::OpenReadOnly(const std::filesystem::path& directory,
                                                   const Clock& clock) {
  const std::filesystem::path path = RecordPath(directory);
  TRY(auto file, OpenForReading(path));
  if (!file) return std::nullopt;
  return Record(std::unique_ptr<Database>(
      new Database{path, &clock, std::move(file->connection), file->stamp}));
}

Result<RunId> Record::StartRun(const RunStart& start) {
  const Connection& connection = database_->connection;
  const std::int64_t now = ToMilliseconds(database_->clock->WallNow());
  TRY(auto transaction, Transaction::Begin(connection, TransactionKind::kWrite));
  TRY(const std::int64_t manifest, DocumentId(connection, start.manifest_text));
  TRY(const std::int64_t recipe, DocumentId(connection, start.recipe_text));
  TRY_DO(connection.Run(
      "INSERT INTO runs (command, manifest_name, manifest_source, manifest, recipe_source, recipe, "
      "serial_device, options, started_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
      {start.command, start.manifest_name, start.manifest_source, manifest, start.recipe_source,
       recipe, start.serial_device, start.options, now}));
  const RunId run = connection.LastInsertId();
  TRY_DO(AddBaseRecipes(connection, run, start.base_recipes));
  TRY_DO(AddTransition(connection, run, "planned", "", now));
  TRY_DO(transaction.Commit());
  return run;
}

Result<void> Record::EnterState(RunId run, const std::string& state, const std::string& detail,
                                const std::vector<EvidenceRow>& evidence) {
  const Connection& connection = database_->connection;
  const std::int64_t now = ToMilliseconds(database_->clock->WallNow());
  return WithEvidence(evidence, [&](const std::vector<EvidenceRow>& rows) -> Result<void> {
    TRY(auto transaction, Transaction::Begin(connection, TransactionKind::kWrite));
    TRY_DO(RequireUnfinished(connection, run));
    TRY_DO(InsertEvidence(connection, run, rows));
    TRY_DO(AddTransition(connection, run, state, detail, now));
    return transaction.Commit();
  });
}

Result<void> Record::AddEvidence(RunId run, const std::vector<EvidenceRow>& evidence) {
  const Connection& connection = database_->connection;
  TRY(auto transaction, Transaction::Begin(connection, TransactionKind::kWrite));
  TRY_DO(RequireUnfinished(connection, run));
  TRY_DO(InsertEvidence(connection, run, evidence));
  return transaction.Commit();
}

Result<void> Record::SetBoard(RunId run, const BoardIdentity& board) {
  const Connection& connection = database_->connection;
  const std::string mac = board.mac.ToString();
  TRY(auto transaction, Transaction::Begin(connection, TransactionKind::kWrite));
  TRY_DO(RequireUnfinished(connection, run));
  TRY_DO(WriteBoard(connection, board, ToMilliseconds(database_->clock->WallNow())));
  TRY_DO(connection.Run("UPDATE runs SET mac = ? WHERE id = ?", {mac, run}));
  return transaction.Commit();
}

Result<void> Record::EndRun(RunId run, const RunEnd& end) {
  const Connection& connection = database_->connection;
  const std::int64_t now = ToMilliseconds(database_->clock->WallNow());
  return WithEvidence(end.evidence, [&](const std::vector<EvidenceRow>& rows) -> Result<void> {
    TRY(auto transaction, Transaction::Begin(connection, TransactionKind::kWrite));
    TRY_DO(RequireUnfinished(connection, run));
    TRY(const std::string mac, connection.QueryText("SELECT mac FROM runs WHERE id = ?", {run}));
    if (mac.empty() && (end.now_good || end.quarantined))
      return Fail(ExitCode::kInternal, fmt::format("run {} knows of no board", run));
    if (!mac.empty()) TRY_DO(UpdateBoard(connection, mac, run, end, now));
    TRY_DO(InsertEvidence(connection, run, rows));
    if (!end.state.empty())
      TRY_DO(AddTransition(connection, run, end.state, end.state_detail, now));
    TRY_DO(connection.Run("UPDATE runs SET ended_at = ?, exit_code = ?, outcome = ? WHERE id = ?",
                          {now, end.exit_code, end.outcome, run}));
    return transaction.Commit();
  });
}

Result<void> Record::AddQuarantine(RunId run, const MacAddress& mac, const Sha256Digest& flashed) {
  const Connection& connection = database_->connection;
  TRY(auto transaction, Transaction::Begin(connection, TransactionKind::kWrite));
  TRY_DO(RequireUnfinished(connection, run));
  TRY_DO(PutInQuarantine(connection, mac.ToString(), flashed, run,
                         ToMilliseconds(database_->clock->WallNow())));
  return transaction.Commit();
}

Result<void> Record::MarkUnproven(RunId run, const MacAddress& mac) {
  const Connection& connection = database_->connection;
  TRY(auto transaction, Transaction::Begin(connection, TransactionKind::kWrite));
  TRY_DO(RequireUnfinished(connection, run));
  TRY_DO(SetRunning(connection, mac.ToString(), ""));
  if (connection.RowsChanged() == 0)
    return Fail(ExitCode::kInternal, fmt::format("board {} is not in the record", mac.ToString()));
  return transaction.Commit();
}

Result<void> Record::RememberBoard(const BoardIdentity& board) {
  const Connection& connection = database_->connection;
  TRY(auto transaction, Transaction::Begin(connection, TransactionKind::kWrite));
  TRY_DO(WriteBoard(connection, board, ToMilliseconds(database_->clock->WallNow())));
  return transaction.Commit();
}

Result<void> Record::AddBackup(RunId run, const MacAddress& mac, const BoardBackup& backup) {
  const Connection& connection = database_->connection;
  const std::string board = mac.ToString();
  const std::string digest = backup.flashed_digest.ToHex();
  const std::int64_t now = ToMilliseconds(database_->clock->WallNow());
  TRY(auto transaction, Transaction::Begin(connection, TransactionKind::kWrite));
  TRY_DO(
      connection.Run("DELETE FROM backups WHERE mac = ? AND flashed_digest = ?", {board, digest}));
  TRY_DO(
      connection.Run("INSERT INTO backups (mac, flashed_digest, firmware, run, taken_at) "
                     "VALUES (?, ?, ?, NULLIF(?, 0), ?)",
                     {board, digest, backup.firmware_toml, run, now}));
  return transaction.Commit();
}

}  // namespace lastgood
