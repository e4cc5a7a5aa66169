// SPDX-License-Identifier: MIT
// Several boards at once: each thread has its own connection to the one database.
#include <gtest/gtest.h>

#include <filesystem>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "record/record.h"
#include "record_fixture.h"

namespace lastgood {
namespace {

using test::BoardNumber;
using test::Must;
using test::RecordTest;

constexpr int kBoards = 8;
constexpr std::size_t kStates = 6;

// One board's run from beginning to end; the text of what failed, empty when nothing did.
std::string WalkOneBoard(const std::filesystem::path& directory, int number) {
  const VirtualClock clock;
  std::string notice;
  Result<Record> record = Record::Open(directory, clock, notice);
  if (!record) return record.error().message;
  RunStart start;
  start.manifest_text = "the same for all";
  start.serial_device = std::to_string(number);
  const Result<RunId> run = record->StartRun(start);
  if (!run) return run.error().message;
  Result<void> done = record->SetBoard(*run, BoardNumber(number));
  for (std::size_t i = 0; done && i < kStates; ++i) {
    done = record->EnterState(*run, "state", std::to_string(number));
  }
  Record::RunEnd end;
  end.exit_code = number;
  if (done) done = record->EndRun(*run, end);
  return done ? notice : done.error().message;
}

TEST_F(RecordTest, BoardsOnTheirOwnThreadsEachGetTheirWholeRun) {
  Must(Open().Unfinished());  // the database is there before the threads, as in a command
  std::vector<std::string> troubles(kBoards);
  std::vector<std::thread> boards;
  for (std::size_t i = 0; i < kBoards; ++i) {
    boards.emplace_back(
        [this, i, &troubles] { troubles[i] = WalkOneBoard(Directory(), static_cast<int>(i) + 1); });
  }
  for (std::thread& board : boards) board.join();
  for (const std::string& trouble : troubles) EXPECT_EQ(trouble, "");

  const Record record = Open();
  EXPECT_TRUE(Must(record.Unfinished()).empty());
  EXPECT_EQ(Must(record.Boards()).size(), static_cast<std::size_t>(kBoards));
  for (RunId id = 1; id <= kBoards; ++id) {
    const std::optional<RunRecord> run = Must(record.Find(id));
    ASSERT_TRUE(run);
    const std::string number = run->start.serial_device;
    EXPECT_EQ(std::to_string(run->exit_code), number);
    ASSERT_TRUE(run->mac);
    EXPECT_EQ(*run->mac, BoardNumber(run->exit_code).mac);
    ASSERT_EQ(run->transitions.size(), kStates + 1);
    for (std::size_t i = 1; i <= kStates; ++i) EXPECT_EQ(run->transitions[i].detail, number);
  }
}

}  // namespace
}  // namespace lastgood
