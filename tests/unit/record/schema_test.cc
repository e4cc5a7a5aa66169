// SPDX-License-Identifier: MIT
#include "record/schema.h"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "record/sqlite.h"
#include "record_fixture.h"

namespace lastgood {
namespace {

using sqlite::Connection;
using test::Must;

class SchemaTest : public testing::Test {
 protected:
  Connection Database() {
    return Must(Connection::Open(directory_ / "test.db", sqlite::Access::kCreate,
                                 std::chrono::milliseconds(50)));
  }

  test::TemporaryDirectory directory_;
};

Result<void> MakeFirst(const Connection& connection) {
  return connection.RunScript("CREATE TABLE first (x); PRAGMA application_id = 7;");
}
Result<void> MakeSecond(const Connection& connection) {
  return connection.RunScript("CREATE TABLE second (x); INSERT INTO second VALUES (1);");
}
Result<void> MakeHalf(const Connection& connection) {
  TRY_DO(connection.RunScript("CREATE TABLE half (x)"));
  return connection.RunScript("CREATE TABLE half (x)");
}

std::int64_t Tables(const Connection& connection) {
  return Must(connection.QueryInteger("SELECT count(*) FROM sqlite_schema"));
}

TEST_F(SchemaTest, NewFileIsEmptyThenCurrent) {
  const Connection database = Database();
  EXPECT_EQ(Must(InspectSchema(database)), SchemaState::kEmpty);
  Must(Migrate(database, Migrations()));
  EXPECT_EQ(Must(InspectSchema(database)), SchemaState::kCurrent);
  EXPECT_EQ(Must(database.QueryInteger("PRAGMA user_version")),
            static_cast<std::int64_t>(Migrations().size()));
  EXPECT_EQ(Must(database.QueryInteger("PRAGMA application_id")), kApplicationId);
}

TEST_F(SchemaTest, ARecordOfTheFirstVersionKeepsItsBoards) {
  const Connection database = Database();
  Must(Migrate(database, Migrations().first(1)));
  Must(
      database.RunScript("INSERT INTO boards VALUES ('18:fe:34:00:00:01', 'esp8266', 1458415, "
                         "4194304, 'MicroPython 1.22.1', 1700000000000)"));
  EXPECT_EQ(Must(InspectSchema(database)), SchemaState::kOlder);
  Must(Migrate(database, Migrations()));
  EXPECT_EQ(Must(database.QueryInteger("SELECT count(*) FROM boards WHERE embedded_flash = 0")), 1);
  EXPECT_EQ(Must(database.QueryInteger("SELECT count(*) FROM backups")), 0);
}

TEST_F(SchemaTest, ARecordOfTheSecondVersionKeepsItsRuns) {
  const Connection database = Database();
  Must(Migrate(database, Migrations().first(2)));
  Must(database.RunScript(
      "INSERT INTO documents VALUES (1, 'text'); INSERT INTO runs (command, manifest_name, "
      "manifest_source, manifest, recipe_source, recipe, serial_device, options, started_at) "
      "VALUES ('provision', 'm', '/m.toml', 1, '/r.toml', 1, '', '', 1700000000000)"));
  Must(Migrate(database, Migrations()));
  EXPECT_EQ(Must(database.QueryInteger("SELECT count(*) FROM runs")), 1);
  EXPECT_EQ(Must(database.QueryInteger("SELECT count(*) FROM base_recipes")), 0);
}

TEST_F(SchemaTest, ARecordOfTheThirdVersionKeepsWhatWasTold) {
  const Connection database = Database();
  Must(Migrate(database, Migrations().first(3)));
  Must(database.RunScript(R"sql(
    INSERT INTO documents VALUES (1, 'text');
    INSERT INTO runs (id, command, manifest_name, manifest_source, manifest, recipe_source, recipe,
                      serial_device, options, started_at, ended_at, exit_code, outcome, evidence)
    VALUES (1, 'provision', 'm', '/m.toml', 1, '/r.toml', 1, '', '', 1700000000000, 1700000009000, 8,
            'rolled back', 'ok    network   direct' || char(10) || 'FAIL  health    "boot loop"' ||
            char(10) || char(10) || '--- heard from the board ---' || char(10) || 'ets \xff'),
           (2, 'provision', 'm', '/m.toml', 1, '/r.toml', 1, '', '', 1700000010000, NULL, NULL, NULL,
            NULL),
           (3, 'provision', 'm', '/m.toml', 1, '/r.toml', 1, '', '', 1700000020000, 1700000021000, 0,
            'done', '');
    INSERT INTO transitions (run, state, detail, at) VALUES (1, 'planned', '', 1700000000000);
  )sql"));
  EXPECT_EQ(Must(InspectSchema(database)), SchemaState::kOlder);
  Must(Migrate(database, Migrations()));
  EXPECT_EQ(Must(database.QueryInteger("SELECT count(*) FROM runs")), 3);
  EXPECT_EQ(Must(database.QueryInteger("SELECT count(*) FROM transitions")), 1);
  EXPECT_EQ(Must(database.QueryInteger("SELECT count(*) FROM evidence")), 1);
  EXPECT_EQ(Must(database.QueryText("SELECT run || ' ' || kind || ' ' || at FROM evidence")),
            "1 text 1700000009000");
  EXPECT_EQ(
      Must(database.QueryText("SELECT content FROM evidence")),
      R"({"offset_ms":0,"title":"what was told","text":"ok    network   direct\nFAIL  health    )"
      R"(\"boot loop\"\n\n--- heard from the board ---\nets \\xff"})");
}

TEST_F(SchemaTest, MigratingTwiceChangesNothing) {
  const Connection database = Database();
  Must(Migrate(database, Migrations()));
  const std::int64_t tables = Tables(database);
  Must(Migrate(database, Migrations()));
  EXPECT_EQ(Tables(database), tables);
}

TEST_F(SchemaTest, OlderFileGetsWhatItLacksAndKeepsTheRest) {
  const Connection database = Database();
  const std::array<Migration, 2> migrations = {&MakeFirst, &MakeSecond};
  Must(Migrate(database, std::span(migrations).first(1)));
  Must(database.RunScript("INSERT INTO first VALUES (42)"));
  Must(Migrate(database, migrations));
  EXPECT_EQ(Must(database.QueryInteger("SELECT x FROM first")), 42);
  EXPECT_EQ(Must(database.QueryInteger("SELECT x FROM second")), 1);
  EXPECT_EQ(Must(database.QueryInteger("PRAGMA user_version")), 2);
}

TEST_F(SchemaTest, FailedMigrationLeavesTheFileAsItWas) {
  const Connection database = Database();
  const std::array<Migration, 2> migrations = {&MakeFirst, &MakeHalf};
  EXPECT_FALSE(Migrate(database, migrations));
  EXPECT_EQ(Tables(database), 0);
  EXPECT_EQ(Must(database.QueryInteger("PRAGMA user_version")), 0);
  EXPECT_EQ(Must(database.QueryInteger("PRAGMA application_id")), 0);
}

TEST_F(SchemaTest, OthersAndNewerFilesAreToldApart) {
  const Connection database = Database();
  Must(MakeFirst(database));
  EXPECT_EQ(Must(InspectSchema(database)), SchemaState::kNotOurs);
  Must(database.RunScript("PRAGMA application_id = 1279741764; PRAGMA user_version = 5;"));
  EXPECT_EQ(Must(InspectSchema(database)), SchemaState::kNewer);
}

// With many runs behind it, no everyday question reads a table from end to end.
TEST_F(SchemaTest, EverydayQuestionsHaveAnIndex) {
  const Connection database = Database();
  Must(Migrate(database, Migrations()));
  for (const char* question :
       {"SELECT * FROM runs WHERE ended_at IS NULL ORDER BY id",
        "SELECT * FROM transitions WHERE run = 1 ORDER BY id",
        "SELECT * FROM known_good WHERE mac = '' ORDER BY id DESC",
        "SELECT count(*) FROM quarantine WHERE mac = '' AND flashed_digest = ''",
        "SELECT id FROM host_changes WHERE undone_at IS NULL AND run = 1 ORDER BY id DESC",
        "SELECT * FROM evidence WHERE run = 1 ORDER BY id",
        "SELECT id FROM documents WHERE content = ''", "SELECT * FROM boards WHERE mac = ''"}) {
    auto rows = Must(database.Prepare(std::string("EXPLAIN QUERY PLAN ") + question));
    ASSERT_TRUE(Must(rows.Step()));
    EXPECT_NE(rows.Text(3).find("USING "), std::string::npos) << question << ": " << rows.Text(3);
  }
}

using Columns = std::map<std::string, std::vector<std::string>>;  // of each table

Columns RealColumns(const Connection& database) {
  Columns columns;
  auto rows = Must(database.Prepare(
      "SELECT t.name, c.name || ' ' || c.type FROM sqlite_schema AS t, pragma_table_info(t.name) "
      "AS "
      "c WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' ORDER BY t.name, c.cid"));
  while (Must(rows.Step())) columns[rows.Text(0)].push_back(rows.Text(1));
  return columns;
}

// "### Table `runs`" and then rows like "| `id` | INTEGER | … |".
Columns DocumentedColumns() {
  Columns columns;
  std::ifstream file(std::string(LASTGOOD_SOURCE_DIR) + "/docs/state.md");
  const std::regex heading("### Table `(\\w+)`");
  const std::regex row("\\| `(\\w+)` \\| (\\w+) \\|.*");
  std::string table;
  for (std::string line; std::getline(file, line);) {
    std::smatch match;
    if (std::regex_match(line, match, heading)) table = match[1];
    if (!table.empty() && std::regex_match(line, match, row))
      columns[table].push_back(match[1].str() + " " + match[2].str());
  }
  return columns;
}

TEST_F(SchemaTest, DocumentationNamesEveryTableAndColumn) {
  const Connection database = Database();
  Must(Migrate(database, Migrations()));
  EXPECT_EQ(DocumentedColumns(), RealColumns(database));
}

}  // namespace
}  // namespace lastgood
