// SPDX-License-Identifier: MIT
// A thin layer of ownership and Result over SQLite. sqlite.cc is the only file that includes its
// header.
//
// Errors: kBusy when another connection held the database until the time limit; otherwise
// kInternal, with a message that names the file.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace lastgood::sqlite {

// An open database and what became known about it.
struct Handle {
  sqlite3* database = nullptr;
  bool damaged = false;
  ~Handle();
};

// A bound value; monostate is NULL.
using Parameter = std::variant<std::monostate, std::int64_t, std::string_view>;

enum class Access {
  kCreate,    // read and write; the file is created when it is missing
  kReadOnly,  // takes part in locking, so the -shm and -wal files must exist or be creatable
  kSnapshot,  // no locks, no other files: right only while nobody writes to the database file
};

// A prepared statement with its parameters bound. Must not outlive its connection.
class Statement {
 public:
  // Moves to the next row; false when there is none left.
  Result<bool> Step();

  // Of the current row, columns counted from 0.
  bool IsNull(int column) const;
  std::int64_t Integer(int column) const;  // 0 for NULL
  std::string Text(int column) const;      // empty for NULL

 private:
  friend class Connection;
  struct Finalizer {
    void operator()(sqlite3_stmt* statement) const;
  };
  Statement(sqlite3_stmt* statement, Handle& handle) : statement_(statement), handle_(&handle) {}
  std::unique_ptr<sqlite3_stmt, Finalizer> statement_;
  Handle* handle_;
};

class Connection {
 public:
  // Does not read the file yet: what is wrong with its content shows in the first statement.
  static Result<Connection> Open(const std::filesystem::path& path, Access access,
                                 std::chrono::milliseconds busy_limit);

  Result<Statement> Prepare(std::string_view sql,
                            std::initializer_list<Parameter> parameters = {}) const;
  // Runs one statement to its end; rows are dropped.
  Result<void> Run(std::string_view sql, std::initializer_list<Parameter> parameters = {}) const;
  // Runs every statement of `script`.
  Result<void> RunScript(const std::string& script) const;
  // The first column of the first row; 0 when there is no row.
  Result<std::int64_t> QueryInteger(std::string_view sql,
                                    std::initializer_list<Parameter> parameters = {}) const;

  // The same as text; empty when there is no row.
  Result<std::string> QueryText(std::string_view sql,
                                std::initializer_list<Parameter> parameters = {}) const;

  std::int64_t LastInsertId() const;
  std::int64_t RowsChanged() const;  // by the last INSERT, UPDATE or DELETE
  bool IsDamaged() const;            // some call failed because the file is no sound database

 private:
  explicit Connection(std::unique_ptr<Handle> handle) : handle_(std::move(handle)) {}
  std::unique_ptr<Handle> handle_;  // its address is known to statements
};

enum class TransactionKind {
  kRead,   // everything read inside is of one moment
  kWrite,  // takes the write lock at once, so that waiting for it can not deadlock
};

// Rolled back unless committed.
class Transaction {
 public:
  static Result<Transaction> Begin(const Connection& connection, TransactionKind kind);
  ~Transaction();
  Transaction(Transaction&& other) noexcept;
  Transaction& operator=(Transaction&&) = delete;

  // When it returns success, what was written is on disk.
  Result<void> Commit();

 private:
  explicit Transaction(const Connection& connection) : connection_(&connection) {}
  const Connection* connection_;  // null once committed
};

}  // namespace lastgood::sqlite
