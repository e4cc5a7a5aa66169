// SPDX-License-Identifier: MIT
#include "record/record_file.h"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <string_view>
#include <system_error>

#include "host/files.h"
#include "record/schema.h"

namespace lastgood {
namespace {

namespace fs = std::filesystem;

// Another process holds the database for milliseconds only; a second run is kept out by a lock.
constexpr std::chrono::milliseconds kBusyLimit{3000};

fs::path WithSuffix(const fs::path& path, std::string_view suffix) {
  fs::path result = path;
  result += suffix;
  return result;
}

tl::unexpected<Error> FailNewer(const fs::path& path) {
  return Fail(ExitCode::kInternal,
              fmt::format("record '{}' was written by a newer lastgood", path.string()),
              "install that version again, or choose another state directory");
}

// In rollback mode the switch needs a lock that SQLite does not wait for, since two processes that
// create the file at the same moment would wait for each other.
Result<void> SwitchToWriteAheadLog(const sqlite::Connection& connection, const fs::path& path) {
  constexpr int kAttemptsMax = 20;
  for (int attempt = 1;; ++attempt) {
    auto mode = connection.QueryText("PRAGMA journal_mode = WAL");
    if (mode && *mode == "wal") return {};
    if (mode) break;
    if (mode.error().code != ExitCode::kBusy || attempt == kAttemptsMax)
      return Fail(std::move(mode).error());
    TRY(auto other_is_done,
        sqlite::Transaction::Begin(connection, sqlite::TransactionKind::kWrite));
    TRY_DO(other_is_done.Commit());
  }
  return Fail(
      ExitCode::kInternal,
      fmt::format("cannot keep record '{}': its file system has no shared memory", path.string()),
      "choose a state directory on a local file system");
}

// nullopt when the file is damaged, or somebody else's.
Result<std::optional<sqlite::Connection>> OpenSound(const fs::path& path) {
  TRY(auto connection, sqlite::Connection::Open(path, sqlite::Access::kCreate, kBusyLimit));
  const auto state = InspectSchema(connection);
  if (!state && connection.IsDamaged()) return std::nullopt;
  if (!state) return Fail(state.error());
  if (*state == SchemaState::kNotOurs) return std::nullopt;
  if (*state == SchemaState::kNewer) return FailNewer(path);
  TRY_DO(connection.RunScript("PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL;"));
  TRY_DO(SwitchToWriteAheadLog(connection, path));
  return connection;
}

// The file first: were its log to go first and power to fail then, the file alone could pass for a
// sound but older record.
Result<fs::path> MoveAside(const fs::path& path) {
  constexpr int kDamagedMax = 1000;
  for (int n = 1; n <= kDamagedMax; ++n) {
    const fs::path target = WithSuffix(path, fmt::format(".damaged-{}", n));
    std::error_code ignored;
    if (fs::exists(fs::symlink_status(target, ignored))) continue;
    TRY_DO(RenameDurably(path, target));
    for (const std::string_view suffix : {"-wal", "-shm", "-journal"}) {
      if (fs::exists(WithSuffix(path, suffix), ignored))
        TRY_DO(RenameDurably(WithSuffix(path, suffix), WithSuffix(target, suffix)));
    }
    return target;
  }
  return Fail(ExitCode::kInternal,
              fmt::format("record '{}' was damaged more than {} times", path.string(), kDamagedMax),
              "look after the storage of this host, then remove the '.damaged-' files");
}

Result<std::optional<ReadOnlyFile>> OpenStamped(const fs::path& path, const FileStamp& stamp) {
  // What is in the log can only be read together with the locks.
  const auto access = stamp.has_log ? sqlite::Access::kReadOnly : sqlite::Access::kSnapshot;
  TRY(auto connection, sqlite::Connection::Open(path, access, kBusyLimit));
  TRY(const SchemaState state, InspectSchema(connection));
  switch (state) {
    case SchemaState::kEmpty:
      return std::nullopt;
    case SchemaState::kNewer:
      return FailNewer(path);
    case SchemaState::kNotOurs:
      return Fail(ExitCode::kInternal,
                  fmt::format("'{}' is not a record of lastgood", path.string()));
    case SchemaState::kOlder:
      return Fail(ExitCode::kInternal,
                  fmt::format("record '{}' was written by an older lastgood", path.string()),
                  "the next run brings it up to date");
    case SchemaState::kCurrent:
      break;
  }
  ReadOnlyFile file{std::move(connection), std::nullopt};
  if (access == sqlite::Access::kSnapshot) file.stamp = stamp;
  return file;
}

}  // namespace

fs::path RecordPath(const fs::path& directory) { return directory / "lastgood.db"; }

std::optional<FileStamp> StampOf(const fs::path& path) {
  std::error_code error;
  FileStamp stamp;
  stamp.size = fs::file_size(path, error);
  if (error || stamp.size == 0) return std::nullopt;
  stamp.modified = fs::last_write_time(path, error);
  if (error) return std::nullopt;
  const std::uintmax_t log_size = fs::file_size(WithSuffix(path, "-wal"), error);
  stamp.has_log = !error && log_size > 0;
  return stamp;
}

Result<sqlite::Connection> OpenForWriting(const fs::path& directory, std::string& notice) {
  TRY_DO(CreateDirectories(directory));
  const fs::path path = RecordPath(directory);
  TRY(auto connection, OpenSound(path));
  if (!connection) {
    TRY(const fs::path aside, MoveAside(path));
    notice = fmt::format(
        "record '{}' was damaged: moved to '{}', a new one is begun; known-good firmware has to be "
        "proven again",
        path.string(), aside.filename().string());
    TRY(connection, OpenSound(path));
  }
  if (!connection)
    return Fail(ExitCode::kInternal, fmt::format("cannot begin record '{}'", path.string()));
  TRY_DO(Migrate(*connection, Migrations()));
  return *std::move(connection);
}

Result<std::optional<ReadOnlyFile>> OpenForReading(const fs::path& path) {
  constexpr int kAttemptsMax = 5;
  for (int attempt = 1;; ++attempt) {
    const std::optional<FileStamp> stamp = StampOf(path);
    if (!stamp) return std::nullopt;
    auto file = OpenStamped(path, *stamp);
    // Seen while a writer was at work, neither a record nor its damage means anything.
    if (StampOf(path) == stamp || attempt == kAttemptsMax) return file;
  }
}

}  // namespace lastgood
