// SPDX-License-Identifier: MIT
// The tables of the record (docs/state.md) and how an older database is brought to them.
#pragma once

#include <cstdint>
#include <span>

#include "base/result.h"
#include "record/sqlite.h"

namespace lastgood {

// In the file's header, so that `file` and we can tell whose database it is: "LGOD".
inline constexpr std::int64_t kApplicationId = 0x4C474F44;

// Brings the database from version N, its index in the table, to N + 1.
using Migration = Result<void> (*)(const sqlite::Connection&);

// One function a version, the first begins with an empty file. Only ever appended to.
std::span<const Migration> Migrations();

enum class SchemaState {
  kEmpty,    // a new file
  kCurrent,  // as this lastgood writes it
  kOlder,    // Migrate() brings it up
  kNewer,    // of a later lastgood
  kNotOurs,  // a sound database of another program
};

// Reads the header and one row of every table. Fails when the file is damaged.
Result<SchemaState> InspectSchema(const sqlite::Connection& connection);

// Runs what is missing of `migrations` in one transaction: all of it, or none. A database that
// another process has brought up in the meantime is left as it is.
Result<void> Migrate(const sqlite::Connection& connection, std::span<const Migration> migrations);

}  // namespace lastgood
