// SPDX-License-Identifier: MIT
// Every call, read back by another process's eyes: a Record that was opened afterwards.
#include "record/record.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "record/sqlite.h"
#include "record_fixture.h"

namespace lastgood {
namespace {

using std::chrono::milliseconds;
using test::BoardNumber;
using test::DigestOf;
using test::Must;
using test::RecordTest;

constexpr std::string_view kAwkward("line\nsecond \0 nul 'quote' \"; DROP TABLE runs; -- µ\xFF",
                                    49);

RunStart FullStart() {
  return {"provision",
          "phat",
          "/m.toml",
          "manifest text",
          "/r.toml",
          "recipe text\n",
          "/dev/serial0",
          "force=1",
          {{"/base.toml", "base text\n"}, {"https://example.org/root.toml", "recipe text\n"}}};
}

void ExpectSame(const RunStart& a, const RunStart& b) {
  EXPECT_EQ(a.command, b.command);
  EXPECT_EQ(a.manifest_name, b.manifest_name);
  EXPECT_EQ(a.manifest_source, b.manifest_source);
  EXPECT_EQ(a.manifest_text, b.manifest_text);
  EXPECT_EQ(a.recipe_source, b.recipe_source);
  EXPECT_EQ(a.recipe_text, b.recipe_text);
  EXPECT_EQ(a.serial_device, b.serial_device);
  EXPECT_EQ(a.options, b.options);
  EXPECT_EQ(a.base_recipes, b.base_recipes);
}

TEST_F(RecordTest, StartedRunIsPlannedAndUnfinished) {
  clock_.SleepFor(milliseconds(1234));
  const RunId run = Must(Open().StartRun(FullStart()));

  const auto unfinished = Must(Open().Unfinished());
  ASSERT_EQ(unfinished.size(), 1U);
  const RunRecord& found = unfinished[0];
  EXPECT_EQ(found.id, run);
  ExpectSame(found.start, FullStart());
  EXPECT_EQ(found.started_at, clock_.WallNow());
  EXPECT_EQ(found.ended_at, std::nullopt);
  EXPECT_EQ(found.mac, std::nullopt);
  ASSERT_EQ(found.transitions.size(), 1U);
  EXPECT_EQ(found.transitions[0].state, "planned");
  EXPECT_EQ(found.transitions[0].detail, "");
  EXPECT_EQ(found.transitions[0].at, clock_.WallNow());
}

TEST_F(RecordTest, NewestRunOfEachManifest) {
  Record record = Open();
  EXPECT_TRUE(Must(record.NewestOfEachManifest()).empty());
  StartOn(record, BoardNumber(1), "a");
  const RunId b = StartOn(record, BoardNumber(1), "b");
  StartOn(record, BoardNumber(2), "a");
  const RunId a = StartOn(record, BoardNumber(1), "a");
  const auto newest = Must(record.NewestOfEachManifest());
  ASSERT_EQ(newest.size(), 2U);
  EXPECT_EQ(newest[0].id, b);
  EXPECT_EQ(newest[1].id, a);
  EXPECT_EQ(newest[1].start.manifest_name, "a");
}

TEST_F(RecordTest, EveryTextIsKeptAsItIs) {
  const std::string text(kAwkward);
  const RunStart start{text,       text + "1", text + "2",
                       text + "3", text + "4", text + "5",
                       text + "6", text + "7", {{text + "8", text + "9"}}};
  RunId run = 0;
  {
    Record record = Open();
    run = Must(record.StartRun(start));
    Must(record.EnterState(run, text, text));
    Must(record.SetBoard(run, BoardNumber(1)));
    Record::RunEnd end;
    end.outcome = text;
    end.evidence = {{text, clock_.WallNow(), text}};
    end.running = text;
    end.now_good = KnownGood{text, DigestOf(1), {}};
    Must(record.EndRun(run, end));
  }
  const Record record = Open();
  const auto found = Must(record.Find(run));
  ASSERT_TRUE(found);
  ExpectSame(found->start, start);
  EXPECT_EQ(found->transitions[1].state, text);
  EXPECT_EQ(found->transitions[1].detail, text);
  EXPECT_EQ(found->outcome, text);
  EXPECT_EQ(found->evidence, (std::vector<EvidenceRow>{{text, clock_.WallNow(), text}}));
  const auto board = Must(record.Board(BoardNumber(1).mac));
  EXPECT_EQ(board->running, text);
  EXPECT_EQ(board->known_good.at(0).firmware_toml, text);
}

TEST_F(RecordTest, EmptyTextsComeBackEmpty) {
  const RunId run = Must(Open().StartRun({}));
  ExpectSame(Must(Open().Find(run))->start, {});
}

TEST_F(RecordTest, StatesAreKeptInTheOrderOfTheirEntry) {
  RunId run = 0;
  {
    Record record = Open();
    run = Must(record.StartRun(FullStart()));
    for (const char* state : {"fetched", "identified", "setup", "setup", "flashing new"}) {
      clock_.SleepFor(milliseconds(10));
      Must(record.EnterState(run, state, std::string("detail of ") + state));
    }
  }
  const auto found = Must(Open().Find(run));
  ASSERT_EQ(found->transitions.size(), 6U);
  EXPECT_EQ(found->transitions[1].state, "fetched");
  EXPECT_EQ(found->transitions[5].state, "flashing new");
  EXPECT_EQ(found->transitions[5].detail, "detail of flashing new");
  EXPECT_EQ(found->transitions[5].at - found->transitions[0].at, milliseconds(50));
}

// A Raspberry Pi without a network starts in the past.
TEST_F(RecordTest, ClockThatJumpsBackDoesNotChangeTheOrder) {
  Record record = Open();
  clock_.SleepFor(std::chrono::hours(100));
  const RunId first = Prove(record, BoardNumber(1), 1);
  VirtualClock earlier;
  std::string notice;
  Record other = Must(Record::Open(Directory(), earlier, notice));
  const RunId second = Prove(other, BoardNumber(1), 2);

  EXPECT_EQ(Must(other.History(10)).at(0).id, second);
  EXPECT_EQ(Must(other.History(10)).at(1).id, first);
  EXPECT_EQ(Must(other.Board(BoardNumber(1).mac))->known_good.at(0).flashed_digest, DigestOf(2));
}

TEST_F(RecordTest, TimesAreKeptToTheMillisecond) {
  clock_.SleepFor(std::chrono::nanoseconds(7'654'321));
  const RunId run = Must(Open().StartRun({}));
  const auto at = Must(Open().Find(run))->started_at;
  EXPECT_EQ(at, std::chrono::floor<milliseconds>(clock_.WallNow()));
}

TEST_F(RecordTest, BoardIsKnownOnceItWasSet) {
  {
    Record record = Open();
    EXPECT_EQ(Must(record.Board(BoardNumber(7).mac)), std::nullopt);
    StartOn(record, BoardNumber(7));
  }
  const Record record = Open();
  const auto board = Must(record.Board(BoardNumber(7).mac));
  ASSERT_TRUE(board);
  EXPECT_EQ(board->identity.mac, BoardNumber(7).mac);
  EXPECT_EQ(board->identity.chip, Chip::kEsp8266);
  EXPECT_EQ(board->identity.flash_id, 0x1640EFU);
  EXPECT_EQ(board->identity.flash_size_bytes, 4U << 20);
  EXPECT_EQ(board->running, "");
  EXPECT_EQ(board->last_seen, clock_.WallNow());
  EXPECT_TRUE(board->known_good.empty());
  EXPECT_EQ(Must(record.Unfinished()).at(0).mac, BoardNumber(7).mac);
}

TEST_F(RecordTest, BoardSeenAgainKeepsWhatItRuns) {
  Record record = Open();
  Prove(record, BoardNumber(1), 1);
  clock_.SleepFor(std::chrono::hours(1));
  BoardIdentity resoldered = BoardNumber(1);
  resoldered.flash_id = 0x1540EF;
  resoldered.flash_size_bytes = 2U << 20;
  StartOn(record, resoldered);

  const auto board = Must(Open().Board(BoardNumber(1).mac));
  EXPECT_EQ(board->identity.flash_size_bytes, 2U << 20);
  EXPECT_EQ(board->running, "firmware 1");
  EXPECT_EQ(board->last_seen, clock_.WallNow());
  EXPECT_EQ(board->known_good.size(), 1U);
}

TEST_F(RecordTest, BoardsComeLastSeenFirst) {
  Record record = Open();
  for (const int number : {2, 1, 3}) {
    StartOn(record, BoardNumber(number));
    clock_.SleepFor(milliseconds(1));
  }
  const auto boards = Must(record.Boards());
  ASSERT_EQ(boards.size(), 3U);
  EXPECT_EQ(boards[0].identity.mac, BoardNumber(3).mac);
  EXPECT_EQ(boards[1].identity.mac, BoardNumber(1).mac);
  EXPECT_EQ(boards[2].identity.mac, BoardNumber(2).mac);
}

TEST_F(RecordTest, EndedRunHasItsVerdictAndIsNoLongerUnfinished) {
  RunId run = 0;
  {
    Record record = Open();
    run = StartOn(record, BoardNumber(1));
    clock_.SleepFor(milliseconds(14'200));
    Record::RunEnd end;
    end.exit_code = 8;
    end.outcome = "rolled back";
    end.evidence = {{"text", clock_.WallNow(), "boot log"}};
    end.running = "micropython 1.8.3";
    end.state = "rolled-back";
    Must(record.EndRun(run, end));
  }
  const Record record = Open();
  EXPECT_TRUE(Must(record.Unfinished()).empty());
  const auto found = Must(record.Find(run));
  EXPECT_EQ(found->ended_at, clock_.WallNow());
  EXPECT_EQ(found->exit_code, 8);
  EXPECT_EQ(found->outcome, "rolled back");
  EXPECT_EQ(found->evidence, (std::vector<EvidenceRow>{{"text", clock_.WallNow(), "boot log"}}));
  EXPECT_EQ(found->transitions.back().state, "rolled-back");
  EXPECT_EQ(Must(record.Board(BoardNumber(1).mac))->running, "micropython 1.8.3");
}

TEST_F(RecordTest, EvidenceIsStoredWithTheStateThatFollowsIt) {
  RunId run = 0;
  const std::vector<EvidenceRow> rows = {{"stage", clock_.WallNow(), "1"},
                                         {"text", clock_.WallNow(), "2"},
                                         {"wire", clock_.WallNow(), "3"},
                                         {"text", clock_.WallNow(), "4"}};
  {
    Record record = Open();
    run = StartOn(record, BoardNumber(1));
    Must(record.EnterState(run, "fetched", "", {rows[0], rows[1]}));
    Must(record.AddEvidence(run, {rows[2]}));
  }
  EXPECT_EQ(Must(Open().Find(run))->evidence.size(), 3U) << "as after a power cut";
  Record record = Open();
  Record::RunEnd end;
  end.evidence = {rows[3]};
  Must(record.EndRun(run, end));
  EXPECT_EQ(Must(record.Find(run))->evidence, rows);
  EXPECT_TRUE(Must(record.History(1)).front().evidence.empty()) << "of no use in a list";
}

TEST_F(RecordTest, EvidenceThatCanNotBeStoredKeepsNoRunFromItsStates) {
  Record record = Open();
  const RunId run = StartOn(record, BoardNumber(1));
  {
    const auto other = Must(sqlite::Connection::Open(Database(), sqlite::Access::kCreate,
                                                     std::chrono::milliseconds(50)));
    Must(
        other.RunScript("CREATE TRIGGER full BEFORE INSERT ON evidence BEGIN SELECT "
                        "RAISE(ABORT, 'no room'); END"));
  }
  const std::vector<EvidenceRow> rows = {{"text", clock_.WallNow(), "lost"}};
  Must(record.EnterState(run, "flashing-new", "attempt 1", rows));
  EXPECT_FALSE(record.AddEvidence(run, rows));
  Record::RunEnd end;
  end.outcome = "done";
  end.evidence = rows;
  end.now_good = KnownGood{"toml", DigestOf(1), {}};
  Must(record.EndRun(run, end));
  const auto found = Must(record.Find(run));
  EXPECT_EQ(found->outcome, "done");
  EXPECT_EQ(found->transitions.back().state, "flashing-new");
  EXPECT_TRUE(found->evidence.empty());
  EXPECT_EQ(Must(record.Board(BoardNumber(1).mac))->known_good.size(), 1U);
}

TEST_F(RecordTest, TheNewestRunIsFoundWithoutItsNumber) {
  Record record = Open();
  EXPECT_FALSE(Must(record.Newest()));
  StartOn(record, BoardNumber(1));
  const RunId newest = StartOn(record, BoardNumber(2));
  Must(record.EnterState(newest, "fetched", "", {{"text", clock_.WallNow(), "x"}}));
  const auto found = Must(record.Newest());
  EXPECT_EQ(found->id, newest);
  EXPECT_EQ(found->transitions.size(), 2U);
  EXPECT_EQ(found->evidence.size(), 1U);
}

TEST_F(RecordTest, RunThatNeverWroteKeepsWhatTheBoardRuns) {
  Record record = Open();
  Prove(record, BoardNumber(1), 1);
  const RunId run = StartOn(record, BoardNumber(1));
  Record::RunEnd end;
  end.exit_code = 12;
  end.keeps_running = true;
  Must(record.EndRun(run, end));
  EXPECT_EQ(Must(Open().Board(BoardNumber(1).mac))->running, "firmware 1");
}

TEST_F(RecordTest, RunThatNeverMetABoardCanEnd) {
  Record record = Open();
  const RunId run = Must(record.StartRun(FullStart()));
  Record::RunEnd end;
  end.exit_code = 4;
  Must(record.EndRun(run, end));
  EXPECT_EQ(Must(record.Find(run))->mac, std::nullopt);
  EXPECT_TRUE(Must(record.Boards()).empty());
}

TEST_F(RecordTest, UnprovenBoardRunsNothingForSure) {
  {
    Record record = Open();
    Prove(record, BoardNumber(1), 1);
    Prove(record, BoardNumber(2), 1);
    const RunId run = StartOn(record, BoardNumber(1));
    Must(record.MarkUnproven(run, BoardNumber(1).mac));
  }
  const Record record = Open();
  EXPECT_EQ(Must(record.Board(BoardNumber(1).mac))->running, "");
  EXPECT_EQ(Must(record.Board(BoardNumber(1).mac))->known_good.size(), 1U);
  EXPECT_EQ(Must(record.Board(BoardNumber(2).mac))->running, "firmware 1");
}

TEST_F(RecordTest, UnfinishedRunsComeOldestFirst) {
  Record record = Open();
  const RunId first = Must(record.StartRun({}));
  Prove(record, BoardNumber(1), 1);
  const RunId last = Must(record.StartRun({}));
  const auto unfinished = Must(record.Unfinished());
  ASSERT_EQ(unfinished.size(), 2U);
  EXPECT_EQ(unfinished[0].id, first);
  EXPECT_EQ(unfinished[1].id, last);
}

TEST_F(RecordTest, HistoryIsNewestFirstAndLimited) {
  Record record = Open();
  for (int i = 0; i < 5; ++i) Prove(record, BoardNumber(1), 1);
  const auto all = Must(record.History(100));
  ASSERT_EQ(all.size(), 5U);
  EXPECT_GT(all[0].id, all[4].id);
  EXPECT_TRUE(all[0].transitions.empty());
  EXPECT_EQ(Must(record.History(2)).size(), 2U);
  EXPECT_EQ(Must(record.History(2)).at(0).id, all[0].id);
  EXPECT_TRUE(Must(record.History(0)).empty());
  EXPECT_TRUE(Must(record.History(-1)).empty());
}

TEST_F(RecordTest, RunThatIsNotThereIsNotFound) {
  Record record = Open();
  for (const RunId run : {RunId{0}, RunId{1}, RunId{-1}, RunId{1} << 62})
    EXPECT_EQ(Must(record.Find(run)), std::nullopt);
}

template <class T>
void ExpectRefused(const Result<T>& result, const std::string& message) {
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ExitCode::kInternal);
  EXPECT_EQ(result.error().message, message);
}

TEST_F(RecordTest, RunThatIsNotThereCannotGoOn) {
  Record record = Open();
  ExpectRefused(record.EnterState(7, "fetched", ""), "run 7 is not in the record");
  ExpectRefused(record.SetBoard(7, BoardNumber(1)), "run 7 is not in the record");
  ExpectRefused(record.EndRun(7, {}), "run 7 is not in the record");
  ExpectRefused(record.MarkUnproven(7, BoardNumber(1).mac), "run 7 is not in the record");
  EXPECT_TRUE(Must(record.Boards()).empty());
}

TEST_F(RecordTest, EndedRunCannotGoOn) {
  Record record = Open();
  const RunId run = Prove(record, BoardNumber(1), 1);
  ExpectRefused(record.EnterState(run, "fetched", ""), "run 1 has ended");
  ExpectRefused(record.SetBoard(run, BoardNumber(2)), "run 1 has ended");
  ExpectRefused(record.EndRun(run, {}), "run 1 has ended");
  ExpectRefused(record.MarkUnproven(run, BoardNumber(1).mac), "run 1 has ended");
  EXPECT_EQ(Must(record.Board(BoardNumber(1).mac))->running, "firmware 1");
}

TEST_F(RecordTest, RefusedEndChangesNothing) {
  Record record = Open();
  const RunId run = Must(record.StartRun(FullStart()));
  Record::RunEnd end;
  end.now_good = KnownGood{"toml", DigestOf(1), {}};
  ExpectRefused(record.EndRun(run, end), "run 1 knows of no board");
  EXPECT_EQ(Must(record.Unfinished()).size(), 1U);
}

TEST_F(RecordTest, BoardThatIsNotThereCannotBecomeUnproven) {
  Record record = Open();
  const RunId run = Must(record.StartRun({}));
  ExpectRefused(record.MarkUnproven(run, BoardNumber(9).mac),
                "board 18:fe:34:00:00:09 is not in the record");
}

TEST_F(RecordTest, TwoWritersTakeTurns) {
  constexpr int kRunsEach = 20;
  const auto write = [this] {
    std::string notice;
    Record record = Must(Record::Open(Directory(), clock_, notice));
    for (int i = 0; i < kRunsEach; ++i) {
      const RunId run = Must(record.StartRun({}));
      Must(record.EnterState(run, "fetched", ""));
    }
  };
  std::thread other(write);
  write();
  other.join();
  const auto runs = Must(Open().Unfinished());
  EXPECT_EQ(runs.size(), 2U * kRunsEach);
  for (const RunRecord& run : runs) EXPECT_EQ(run.transitions.size(), 2U);
}

TEST_F(RecordTest, MovedRecordGoesOn) {
  Record first = Open();
  Record second = std::move(first);
  const RunId run = Must(second.StartRun({}));
  first = std::move(second);
  Must(first.EnterState(run, "fetched", ""));
}

}  // namespace
}  // namespace lastgood
