// SPDX-License-Identifier: MIT
// When a call has returned, its effect survives the process, however that ends.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <string>

#include "record/record.h"
#include "record/record_file.h"
#include "record/sqlite.h"
#include "record_fixture.h"

namespace lastgood {
namespace {

using test::BoardNumber;
using test::DigestOf;
using test::Must;

class DurabilityTest : public test::RecordTest {
 protected:
  // Runs `action` on a Record in another process, which is killed at the moment when it is done.
  void KilledAfter(const std::function<void(Record&)>& action) {
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      std::string notice;
      auto record = Record::Open(Directory(), clock_, notice);
      if (record) action(*record);
      kill(getpid(), SIGKILL);
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status));
    ASSERT_EQ(WTERMSIG(status), SIGKILL);
  }
};

TEST_F(DurabilityTest, RunSurvivesAKillAtEachStep) {
  KilledAfter([](Record& record) { (void)record.StartRun({}); });
  ASSERT_EQ(Must(Open().Unfinished()).size(), 1U);

  KilledAfter([](Record& record) { (void)record.EnterState(1, "identified", "d"); });
  EXPECT_EQ(Must(Open().Find(1))->transitions.back().state, "identified");

  KilledAfter([](Record& record) { (void)record.SetBoard(1, BoardNumber(1)); });
  EXPECT_EQ(Must(Open().Find(1))->mac, BoardNumber(1).mac);

  KilledAfter([](Record& record) {
    Record::RunEnd end;
    end.running = "new";
    end.now_good = KnownGood{"toml", DigestOf(1), {}};
    (void)record.EndRun(1, end);
  });
  EXPECT_TRUE(Must(Open().Unfinished()).empty());
  EXPECT_EQ(Must(Open().Board(BoardNumber(1).mac))->known_good.size(), 1U);
}

TEST_F(DurabilityTest, KillBetweenCallsLeavesNoHalfOfEither) {
  KilledAfter([](Record& record) {
    for (int i = 0; i < 50; ++i) (void)record.EnterState(*record.StartRun({}), "fetched", "");
  });
  const auto runs = Must(Open().Unfinished());
  EXPECT_EQ(runs.size(), 50U);
  for (const RunRecord& run : runs) EXPECT_EQ(run.transitions.size(), 2U);
}

TEST_F(DurabilityTest, ReaderSeesWhatAKilledWriterLeft) {
  KilledAfter([](Record& record) { (void)record.StartRun({}); });
  const auto record = OpenReadOnly();
  ASSERT_TRUE(record);
  EXPECT_EQ(Must(record->Unfinished()).size(), 1U);
}

// What the measurements of power cuts asked for; SQLite's own defaults would lose commits.
TEST_F(DurabilityTest, DatabaseIsWrittenAsPowerCutsTaught) {
  std::string notice;
  const sqlite::Connection connection = Must(OpenForWriting(Directory(), notice));
  EXPECT_EQ(Must(connection.QueryText("PRAGMA journal_mode")), "wal");
  EXPECT_EQ(Must(connection.QueryInteger("PRAGMA synchronous")), 2);  // FULL
  EXPECT_EQ(Must(connection.QueryInteger("PRAGMA foreign_keys")), 1);
}

}  // namespace
}  // namespace lastgood
