// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "record/record.h"
#include "record/record_database.h"

namespace lastgood {
namespace {

using sqlite::Connection;
using sqlite::Transaction;
using sqlite::TransactionKind;
using Changes = std::vector<HostChange>;

// Of one row: that there is none is a mistake of the caller's.
Result<void> ChangeRow(const Connection& connection, std::string_view statement,
                       std::initializer_list<sqlite::Parameter> parameters, std::int64_t id) {
  TRY(auto transaction, Transaction::Begin(connection, TransactionKind::kWrite));
  TRY_DO(connection.Run(std::string(statement), parameters));
  if (connection.RowsChanged() == 0)
    return Fail(ExitCode::kInternal, fmt::format("host change {} is not in the record", id));
  return transaction.Commit();
}

Result<Changes> Select(const Connection& connection, std::string_view which,
                       std::initializer_list<sqlite::Parameter> parameters) {
  TRY(auto rows,
      connection.Prepare(fmt::format("SELECT id, run, step, boot, change FROM host_changes "
                                     "WHERE undone_at IS NULL {} ORDER BY id DESC",
                                     which),
                         parameters));
  return Collect<HostChange>(std::move(rows), [](const sqlite::Statement& row) {
    return Result<HostChange>(
        HostChange{row.Integer(0), row.Integer(1), row.Text(2), row.Text(3), row.Text(4)});
  });
}

}  // namespace

Result<std::int64_t> Record::AddHostChange(const HostChange& change) {
  const Connection& connection = database_->connection;
  TRY(auto transaction, Transaction::Begin(connection, TransactionKind::kWrite));
  TRY_DO(connection.Run(
      "INSERT INTO host_changes (run, step, boot, change, made_at) VALUES (?, ?, ?, ?, ?)",
      {change.run, change.step, change.boot, change.change,
       ToMilliseconds(database_->clock->WallNow())}));
  const std::int64_t id = connection.LastInsertId();
  TRY_DO(transaction.Commit());
  return id;
}

Result<void> Record::UpdateHostChange(std::int64_t id, const std::string& change) {
  return ChangeRow(database_->connection, "UPDATE host_changes SET change = ? WHERE id = ?",
                   {change, id}, id);
}

Result<void> Record::MarkUndone(std::int64_t id) {
  return ChangeRow(database_->connection, "UPDATE host_changes SET undone_at = ? WHERE id = ?",
                   {ToMilliseconds(database_->clock->WallNow()), id}, id);
}

Result<Changes> Record::HostChanges() const {
  return database_->Read<Changes>(
      [](const Connection& connection) { return Select(connection, "", {}); });
}

Result<Changes> Record::HostChangesOf(RunId run) const {
  return database_->Read<Changes>(
      [run](const Connection& connection) { return Select(connection, "AND run = ?", {run}); });
}

Result<Changes> Record::HostChangesOf(const std::string& manifest_name) const {
  return database_->Read<Changes>([&](const Connection& connection) {
    return Select(connection, "AND run IN (SELECT id FROM runs WHERE manifest_name = ?)",
                  {manifest_name});
  });
}

}  // namespace lastgood
