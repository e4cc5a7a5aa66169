// SPDX-License-Identifier: MIT
#include "record/sqlite.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <utility>

namespace lastgood::sqlite {
namespace {

constexpr int kPrimaryCodeMask = 0xFF;

tl::unexpected<Error> FailOn(Handle& handle) {
  const char* name = sqlite3_db_filename(handle.database, "main");
  const std::string path = name != nullptr ? name : "";
  const char* reason = sqlite3_errmsg(handle.database);
  switch (sqlite3_errcode(handle.database) & kPrimaryCodeMask) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return Fail(ExitCode::kBusy, fmt::format("record '{}' is in use by another program", path),
                  "try again when it has ended");
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      handle.damaged = true;
      // The log may hold what the file has lost: closing must not pour it in and delete it.
      sqlite3_db_config(handle.database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
      return Fail(ExitCode::kInternal, fmt::format("record '{}' is damaged: {}", path, reason),
                  "move it aside with its -wal and -shm files; the next run begins a new one");
    case SQLITE_FULL:
      return Fail(ExitCode::kInternal,
                  fmt::format("cannot write record '{}': no space left on its file system", path),
                  "free some space on its file system");
    case SQLITE_READONLY:
      return Fail(ExitCode::kInternal, fmt::format("cannot write record '{}': {}", path, reason),
                  "run as the user that owns it");
    case SQLITE_CANTOPEN:
      return Fail(ExitCode::kInternal, fmt::format("cannot open record '{}': {}", path, reason),
                  "run as the user that owns it");
    default:
      return Fail(ExitCode::kInternal, fmt::format("record '{}': {}", path, reason));
  }
}

struct Binder {
  sqlite3_stmt* statement;
  int index;

  int operator()(std::monostate) const { return sqlite3_bind_null(statement, index); }
  int operator()(std::int64_t value) const { return sqlite3_bind_int64(statement, index, value); }
  int operator()(std::string_view text) const {
    // A view of nothing may have no address, which SQLite would take for NULL.
    const char* data = text.data() != nullptr ? text.data() : "";
    return sqlite3_bind_text64(statement, index, data, text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  }
};

// '?' would begin the options and '#' the fragment of the URI.
std::string SnapshotUri(const std::filesystem::path& path) {
  std::string uri = "file:";
  for (const char c : std::filesystem::absolute(path).string()) {
    if (c == '%' || c == '?' || c == '#') {
      uri += fmt::format("%{:02x}", static_cast<unsigned char>(c));
    } else {
      uri += c;
    }
  }
  return uri + "?immutable=1";
}

}  // namespace

Handle::~Handle() { sqlite3_close_v2(database); }

void Statement::Finalizer::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

Result<bool> Statement::Step() {
  switch (sqlite3_step(statement_.get())) {
    case SQLITE_ROW:
      return true;
    case SQLITE_DONE:
      return false;
    default:
      return FailOn(*handle_);
  }
}

bool Statement::IsNull(int column) const {
  return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

std::int64_t Statement::Integer(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

std::string Statement::Text(int column) const {
  const unsigned char* text = sqlite3_column_text(statement_.get(), column);
  if (text == nullptr) return {};
  const int size = sqlite3_column_bytes(statement_.get(), column);
  return {reinterpret_cast<const char*>(text), static_cast<std::size_t>(size)};
}

Result<Connection> Connection::Open(const std::filesystem::path& path, Access access,
                                    std::chrono::milliseconds busy_limit) {
  const bool snapshot = access == Access::kSnapshot;
  int flags = SQLITE_OPEN_READONLY;
  if (access == Access::kCreate) flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  if (snapshot) flags |= SQLITE_OPEN_URI;
  auto handle = std::make_unique<Handle>();
  const std::string name = snapshot ? SnapshotUri(path) : path.string();
  const int code = sqlite3_open_v2(name.c_str(), &handle->database, flags, nullptr);
  if (code != SQLITE_OK) {
    return Fail(ExitCode::kInternal,
                fmt::format("cannot open record '{}': {}", path.string(), sqlite3_errstr(code)),
                "run as the user that owns it");
  }
  sqlite3_extended_result_codes(handle->database, 1);
  sqlite3_busy_timeout(handle->database, static_cast<int>(busy_limit.count()));
  return Connection(std::move(handle));
}

Result<Statement> Connection::Prepare(std::string_view sql,
                                      std::initializer_list<Parameter> parameters) const {
  sqlite3_stmt* raw = nullptr;
  const int code = sqlite3_prepare_v2(handle_->database, sql.data(), static_cast<int>(sql.size()),
                                      &raw, nullptr);
  Statement statement(raw, *handle_);
  if (code != SQLITE_OK) return FailOn(*handle_);
  int index = 0;
  for (const Parameter& parameter : parameters) {
    if (std::visit(Binder{raw, ++index}, parameter) != SQLITE_OK) return FailOn(*handle_);
  }
  return statement;
}

Result<void> Connection::Run(std::string_view sql,
                             std::initializer_list<Parameter> parameters) const {
  TRY(Statement statement, Prepare(sql, parameters));
  for (;;) {
    TRY(const bool more, statement.Step());
    if (!more) return {};
  }
}

Result<void> Connection::RunScript(const std::string& script) const {
  if (sqlite3_exec(handle_->database, script.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
    return FailOn(*handle_);
  return {};
}

Result<std::int64_t> Connection::QueryInteger(std::string_view sql,
                                              std::initializer_list<Parameter> parameters) const {
  TRY(Statement statement, Prepare(sql, parameters));
  TRY(const bool found, statement.Step());
  return found ? statement.Integer(0) : 0;
}

Result<std::string> Connection::QueryText(std::string_view sql,
                                          std::initializer_list<Parameter> parameters) const {
  TRY(Statement statement, Prepare(sql, parameters));
  TRY(const bool found, statement.Step());
  return found ? statement.Text(0) : std::string();
}

std::int64_t Connection::LastInsertId() const {
  return sqlite3_last_insert_rowid(handle_->database);
}

std::int64_t Connection::RowsChanged() const { return sqlite3_changes64(handle_->database); }

bool Connection::IsDamaged() const { return handle_->damaged; }

Result<Transaction> Transaction::Begin(const Connection& connection, TransactionKind kind) {
  TRY_DO(connection.Run(kind == TransactionKind::kWrite ? "BEGIN IMMEDIATE" : "BEGIN"));
  return Transaction(connection);
}

Transaction::Transaction(Transaction&& other) noexcept
    : connection_(std::exchange(other.connection_, nullptr)) {}

// A rollback that fails has nothing to roll back: SQLite did it by itself (disk full, I/O error).
Transaction::~Transaction() {
  if (connection_ == nullptr) return;
  if (auto rolled_back = connection_->Run("ROLLBACK"); !rolled_back) return;
}

Result<void> Transaction::Commit() {
  TRY_DO(connection_->Run("COMMIT"));
  connection_ = nullptr;
  return {};
}

}  // namespace lastgood::sqlite
