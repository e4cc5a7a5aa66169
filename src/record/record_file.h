// SPDX-License-Identifier: MIT
// The database file: opened for writing (created, or begun anew when damaged), or for reading
// without leaving a trace.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/result.h"
#include "record/sqlite.h"

namespace lastgood {

// What changes about a database file when somebody writes to it.
struct FileStamp {
  std::uintmax_t size = 0;
  std::filesystem::file_time_type modified;
  bool has_log = false;  // a -wal file that is not empty
  bool operator==(const FileStamp&) const = default;
};

struct ReadOnlyFile {
  sqlite::Connection connection;
  // Set when the file is read without locks, which is sound for as long as the stamp stays the
  // same. SQLite would otherwise create a -shm and a -wal file, which then may belong to the wrong
  // user.
  std::optional<FileStamp> stamp;
};

// DIRECTORY/lastgood.db
std::filesystem::path RecordPath(const std::filesystem::path& directory);

// Stamp of the file as it lies there now; nullopt when it is missing or empty.
std::optional<FileStamp> StampOf(const std::filesystem::path& path);

// See Record::Open.
Result<sqlite::Connection> OpenForWriting(const std::filesystem::path& directory,
                                          std::string& notice);

// nullopt when there is no database yet.
Result<std::optional<ReadOnlyFile>> OpenForReading(const std::filesystem::path& path);

}  // namespace lastgood
