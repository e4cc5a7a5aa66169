// SPDX-License-Identifier: MIT
#include "record/sqlite.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "record_fixture.h"

namespace lastgood::sqlite {
namespace {

using test::Must;

class SqliteTest : public testing::Test {
 protected:
  SqliteTest() : connection_(Other()) { Must(connection_.RunScript("CREATE TABLE t (x)")); }

  Connection Other() {
    return Must(Connection::Open(Path(), Access::kCreate, std::chrono::milliseconds(1)));
  }
  std::filesystem::path Path() const { return directory_ / "test.db"; }
  std::int64_t Rows() { return Must(connection_.QueryInteger("SELECT count(*) FROM t")); }

  test::TemporaryDirectory directory_;
  Connection connection_;
};

TEST_F(SqliteTest, EveryKindOfValueComesBack) {
  const std::string octets("a\0b", 3);
  Must(connection_.Run("INSERT INTO t VALUES (?), (?), (?), (?)",
                       {std::int64_t{1} << 62, octets, std::string_view(), std::monostate()}));
  auto rows = Must(connection_.Prepare("SELECT x FROM t"));
  ASSERT_TRUE(Must(rows.Step()));
  EXPECT_EQ(rows.Integer(0), std::int64_t{1} << 62);
  ASSERT_TRUE(Must(rows.Step()));
  EXPECT_EQ(rows.Text(0), octets);
  ASSERT_TRUE(Must(rows.Step()));
  EXPECT_FALSE(rows.IsNull(0));
  EXPECT_EQ(rows.Text(0), "");
  ASSERT_TRUE(Must(rows.Step()));
  EXPECT_TRUE(rows.IsNull(0));
  EXPECT_EQ(rows.Integer(0), 0);
  EXPECT_EQ(rows.Text(0), "");
  EXPECT_FALSE(Must(rows.Step()));
}

TEST_F(SqliteTest, QuestionWithoutARowHasANeutralAnswer) {
  EXPECT_EQ(Must(connection_.QueryInteger("SELECT x FROM t")), 0);
  EXPECT_EQ(Must(connection_.QueryText("SELECT x FROM t")), "");
}

TEST_F(SqliteTest, TransactionIsUndoneUnlessCommitted) {
  {
    auto transaction = Must(Transaction::Begin(connection_, TransactionKind::kWrite));
    Must(connection_.Run("INSERT INTO t VALUES (1)"));
    EXPECT_EQ(Rows(), 1);
  }
  EXPECT_EQ(Rows(), 0);
  {
    auto transaction = Must(Transaction::Begin(connection_, TransactionKind::kWrite));
    Must(connection_.Run("INSERT INTO t VALUES (1)"));
    Transaction moved = std::move(transaction);
    Must(moved.Commit());
  }
  EXPECT_EQ(Rows(), 1);
}

TEST_F(SqliteTest, SecondWriterIsToldThatItIsBusy) {
  const Connection other = Other();
  auto transaction = Must(Transaction::Begin(connection_, TransactionKind::kWrite));
  const auto second = Transaction::Begin(other, TransactionKind::kWrite);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ExitCode::kBusy);
  EXPECT_EQ(second.error().message,
            "record '" + Path().string() + "' is in use by another program");
  EXPECT_EQ(second.error().hint, "try again when it has ended");
  Must(transaction.Commit());
  EXPECT_TRUE(Transaction::Begin(other, TransactionKind::kWrite));
}

TEST_F(SqliteTest, MistakeInAStatementNamesFileAndReason) {
  const auto result = connection_.Run("SELECT nonsense");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ExitCode::kInternal);
  EXPECT_EQ(result.error().message, "record '" + Path().string() + "': no such column: nonsense");
  EXPECT_FALSE(connection_.IsDamaged());
}

TEST_F(SqliteTest, DamageIsRememberedAcrossTheRollback) {
  const auto path = directory_ / "damaged.db";
  test::WriteText(path, std::string(5000, 'x'));
  const Connection damaged =
      Must(Connection::Open(path, Access::kCreate, std::chrono::milliseconds(1)));
  EXPECT_FALSE(Transaction::Begin(damaged, TransactionKind::kWrite));
  EXPECT_TRUE(damaged.IsDamaged());
}

TEST_F(SqliteTest, FullFileSystemIsSaidSo) {
  Must(connection_.RunScript("PRAGMA max_page_count = 2"));
  const auto result = connection_.Run("INSERT INTO t VALUES (?)", {std::string(100'000, 'x')});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message,
            "cannot write record '" + Path().string() + "': no space left on its file system");
  EXPECT_EQ(Rows(), 0);
}

TEST_F(SqliteTest, MissingFileIsNotCreatedByReading) {
  const auto missing = directory_ / "missing.db";
  for (const Access access : {Access::kReadOnly, Access::kSnapshot}) {
    const auto result = Connection::Open(missing, access, std::chrono::milliseconds(1));
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().message,
              "cannot open record '" + missing.string() + "': unable to open database file");
    EXPECT_FALSE(std::filesystem::exists(missing));
  }
}

TEST_F(SqliteTest, CountsAndIdsAreThoseOfTheLastChange) {
  Must(connection_.Run("INSERT INTO t VALUES (1), (2), (3)"));
  EXPECT_EQ(connection_.RowsChanged(), 3);
  EXPECT_EQ(connection_.LastInsertId(), 3);
  Must(connection_.Run("DELETE FROM t WHERE x = 2"));
  EXPECT_EQ(connection_.RowsChanged(), 1);
}

}  // namespace
}  // namespace lastgood::sqlite
