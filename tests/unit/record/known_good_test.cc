// SPDX-License-Identifier: MIT
// What a board can be rolled back to, and what it is not to be given again.
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "record/record.h"
#include "record_fixture.h"

namespace lastgood {
namespace {

using test::BoardNumber;
using test::DigestOf;
using test::Must;

class KnownGoodTest : public test::RecordTest {
 protected:
  // First octets of the known-good digests of board 1, newest first.
  std::vector<int> KnownGoodNow() {
    std::vector<int> digests;
    const auto board = Must(Open().Board(BoardNumber(1).mac));
    for (const KnownGood& good : board->known_good)
      digests.push_back(good.flashed_digest.octets[0]);
    return digests;
  }

  RunId Fail(Record& record, int digest) {
    const RunId run = StartOn(record, BoardNumber(1));
    Record::RunEnd end;
    end.exit_code = 8;
    end.quarantined = DigestOf(digest);
    Must(record.EndRun(run, end));
    return run;
  }
};

TEST_F(KnownGoodTest, NewestIsFirstAndTheOneBeforeIsKept) {
  Record record = Open();
  Prove(record, BoardNumber(1), 1);
  EXPECT_EQ(KnownGoodNow(), (std::vector<int>{1}));
  Prove(record, BoardNumber(1), 2);
  EXPECT_EQ(KnownGoodNow(), (std::vector<int>{2, 1}));
}

TEST_F(KnownGoodTest, BackupsAreListedNewestFirstAndOnce) {
  Record record = Open();
  const RunId run = StartOn(record, BoardNumber(1));
  Must(record.AddBackup(run, BoardNumber(1).mac, {"a", DigestOf(1), {}}));
  Must(record.AddBackup(0, BoardNumber(1).mac, {"b", DigestOf(2), {}}));
  Must(record.AddBackup(0, BoardNumber(1).mac, {"a", DigestOf(1), {}}));
  const auto board = Must(record.Board(BoardNumber(1).mac));
  ASSERT_EQ(board->backups.size(), 2U);
  EXPECT_EQ(board->backups[0].firmware_toml, "a");
  EXPECT_EQ(board->backups[1].flashed_digest, DigestOf(2));
}

TEST_F(KnownGoodTest, BackupOfABoardThatNobodyKnowsIsRefused) {
  Record record = Open();
  EXPECT_FALSE(record.AddBackup(0, BoardNumber(9).mac, {"a", DigestOf(1), {}}));
  Must(record.RememberBoard(BoardNumber(9)));
  EXPECT_TRUE(record.AddBackup(0, BoardNumber(9).mac, {"a", DigestOf(1), {}}));
}

TEST_F(KnownGoodTest, OnlyTwoAreKept) {
  Record record = Open();
  for (const int digest : {1, 2, 3, 4}) Prove(record, BoardNumber(1), digest);
  EXPECT_EQ(KnownGoodNow(), (std::vector<int>{4, 3}));
}

TEST_F(KnownGoodTest, ProvenAgainMovesToTheFrontWithoutACopy) {
  Record record = Open();
  for (const int digest : {1, 2, 1}) Prove(record, BoardNumber(1), digest);
  EXPECT_EQ(KnownGoodNow(), (std::vector<int>{1, 2}));
  Prove(record, BoardNumber(1), 1);
  EXPECT_EQ(KnownGoodNow(), (std::vector<int>{1, 2}));
}

TEST_F(KnownGoodTest, DateIsThatOfTheFirstProof) {
  Record record = Open();
  const WallTime first = clock_.WallNow();
  Prove(record, BoardNumber(1), 1);
  clock_.SleepFor(std::chrono::hours(24));
  Prove(record, BoardNumber(1), 2);
  clock_.SleepFor(std::chrono::hours(24));
  Prove(record, BoardNumber(1), 1);
  const auto board = Must(record.Board(BoardNumber(1).mac));
  EXPECT_EQ(board->known_good.at(0).since, first);
  EXPECT_EQ(board->known_good.at(1).since, first + std::chrono::hours(24));
}

TEST_F(KnownGoodTest, LatestDescriptionReplacesTheEarlierOne) {
  Record record = Open();
  Prove(record, BoardNumber(1), 1);
  const RunId run = StartOn(record, BoardNumber(1));
  Record::RunEnd end;
  end.now_good = KnownGood{"with another mirror", DigestOf(1), {}};
  Must(record.EndRun(run, end));
  const auto board = Must(Open().Board(BoardNumber(1).mac));
  ASSERT_EQ(board->known_good.size(), 1U);
  EXPECT_EQ(board->known_good[0].firmware_toml, "with another mirror");
  EXPECT_EQ(board->known_good[0].flashed_digest, DigestOf(1));
}

TEST_F(KnownGoodTest, BoardsDoNotShareTheirs) {
  Record record = Open();
  Prove(record, BoardNumber(1), 1);
  Prove(record, BoardNumber(2), 2);
  EXPECT_EQ(KnownGoodNow(), (std::vector<int>{1}));
}

TEST_F(KnownGoodTest, FailedDigestIsQuarantinedOnItsBoardOnly) {
  Record record = Open();
  Prove(record, BoardNumber(2), 1);
  Fail(record, 5);
  Fail(record, 5);  // a second failure is the same quarantine
  const Record reopened = Open();
  EXPECT_TRUE(Must(reopened.IsQuarantined(BoardNumber(1).mac, DigestOf(5))));
  EXPECT_FALSE(Must(reopened.IsQuarantined(BoardNumber(1).mac, DigestOf(6))));
  EXPECT_FALSE(Must(reopened.IsQuarantined(BoardNumber(2).mac, DigestOf(5))));
  EXPECT_FALSE(Must(reopened.IsQuarantined(BoardNumber(9).mac, DigestOf(5))));
}

TEST_F(KnownGoodTest, QuarantineIsThereBeforeTheRunEndsAndKnowsItsManifest) {
  Record record = Open();
  const RunId run = StartOn(record, BoardNumber(1));
  Must(record.AddQuarantine(run, BoardNumber(1).mac, DigestOf(5)));
  const Record reopened = Open();
  EXPECT_TRUE(Must(reopened.IsQuarantined(BoardNumber(1).mac, DigestOf(5))));
  const std::vector<Quarantine> all = Must(reopened.Quarantines());
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].mac, BoardNumber(1).mac);
  EXPECT_EQ(all[0].flashed_digest, DigestOf(5));
  EXPECT_EQ(all[0].run, run);
  EXPECT_EQ(all[0].manifest.text, Must(reopened.Find(run))->start.manifest_text);
}

TEST_F(KnownGoodTest, QuarantinesOfSeveralBoardsAreListedOldestRunFirst) {
  Record record = Open();
  const RunId second = StartOn(record, BoardNumber(2));
  const RunId first = StartOn(record, BoardNumber(1));
  Must(record.AddQuarantine(first, BoardNumber(1).mac, DigestOf(5)));
  Must(record.AddQuarantine(second, BoardNumber(2).mac, DigestOf(5)));
  Must(record.AddQuarantine(second, BoardNumber(2).mac, DigestOf(5)));
  const std::vector<Quarantine> all = Must(record.Quarantines());
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].run, second);
  EXPECT_EQ(all[1].run, first);
}

TEST_F(KnownGoodTest, RunThatHasEndedCondemnsNothing) {
  Record record = Open();
  const RunId run = StartOn(record, BoardNumber(1));
  Must(record.EndRun(run, {}));
  EXPECT_FALSE(record.AddQuarantine(run, BoardNumber(1).mac, DigestOf(5)));
  EXPECT_TRUE(Must(record.Quarantines()).empty());
}

TEST_F(KnownGoodTest, StateOfTheEndKeepsItsDetail) {
  Record record = Open();
  const RunId run = StartOn(record, BoardNumber(1));
  Record::RunEnd end;
  end.state = "needs-hands";
  end.state_detail = "silent";
  Must(record.EndRun(run, end));
  const auto last = Must(record.Find(run))->transitions.back();
  EXPECT_EQ(last.state, "needs-hands");
  EXPECT_EQ(last.detail, "silent");
}

TEST_F(KnownGoodTest, ProofEndsTheQuarantine) {
  Record record = Open();
  Fail(record, 5);
  Fail(record, 6);
  Prove(record, BoardNumber(1), 5);
  EXPECT_FALSE(Must(record.IsQuarantined(BoardNumber(1).mac, DigestOf(5))));
  EXPECT_TRUE(Must(record.IsQuarantined(BoardNumber(1).mac, DigestOf(6))));
}

TEST_F(KnownGoodTest, RollbackQuarantinesAndProvesInOneStep) {
  Record record = Open();
  const RunId run = StartOn(record, BoardNumber(1));
  Record::RunEnd end;
  end.exit_code = 8;
  end.now_good = KnownGood{"fallback", DigestOf(1), {}};
  end.quarantined = DigestOf(2);
  end.running = "micropython 1.8.3";
  Must(record.EndRun(run, end));
  EXPECT_EQ(KnownGoodNow(), (std::vector<int>{1}));
  EXPECT_TRUE(Must(record.IsQuarantined(BoardNumber(1).mac, DigestOf(2))));
}

}  // namespace
}  // namespace lastgood
