// SPDX-License-Identifier: MIT
// What a Record owns. Its writing half is in record.cc, its reading half in record_queries.cc.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <utility>
#include <vector>

#include "record/record.h"
#include "record/record_file.h"

namespace lastgood {

struct Record::Database {
  std::filesystem::path path;
  const Clock* clock = nullptr;
  sqlite::Connection connection;
  std::optional<FileStamp> stamp;  // see ReadOnlyFile

  // Runs `query` on a view of one moment. Without locks, a writer may have been at work meanwhile:
  // then what was read is void, and is read again.
  template <class T, class Query>
  Result<T> Read(Query query) {
    constexpr int kAttemptsMax = 5;
    for (int attempt = 0; attempt < kAttemptsMax; ++attempt) {
      Result<T> result = ReadOnce<T>(query);
      if (!stamp || stamp == StampOf(path)) return result;
      TRY_DO(Reopen());
    }
    return Fail(ExitCode::kBusy, "record '" + path.string() + "' changes all the time",
                "try again when the other run has ended");
  }

 private:
  template <class T, class Query>
  Result<T> ReadOnce(Query query) {
    TRY(auto transaction, sqlite::Transaction::Begin(connection, sqlite::TransactionKind::kRead));
    return query(std::as_const(connection));
  }

  Result<void> Reopen() {
    TRY(auto file, OpenForReading(path));
    if (!file) return Fail(ExitCode::kInternal, "record '" + path.string() + "' is gone");
    connection = std::move(file->connection);
    stamp = file->stamp;
    return {};
  }
};

// Every row of `rows` as a T, by `Convert`.
template <class T, class Convert>
Result<std::vector<T>> Collect(sqlite::Statement rows, Convert convert) {
  std::vector<T> all;
  for (;;) {
    TRY(const bool more, rows.Step());
    if (!more) return all;
    TRY(T one, convert(rows));
    all.push_back(std::move(one));
  }
}

inline std::int64_t ToMilliseconds(WallTime time) {
  return std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

inline WallTime FromMilliseconds(std::int64_t count) {
  return WallTime(std::chrono::duration_cast<WallTime::duration>(std::chrono::milliseconds(count)));
}

}  // namespace lastgood
