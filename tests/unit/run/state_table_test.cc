// SPDX-License-Identifier: MIT
#include "run/state_table.h"

#include <gtest/gtest.h>

#include <set>

namespace lastgood {
namespace {

TEST(StateTable, EveryStateHasOneRowInOrder) {
  for (std::size_t i = 0; i < kStateTable.size(); ++i) {
    EXPECT_EQ(static_cast<std::size_t>(kStateTable[i].state), i);
  }
  EXPECT_EQ(kStateTable.back().state, RunState::kNeedsHands) << "a new state needs its row";
}

TEST(StateTable, NamesAreUniqueAndReadBack) {
  std::set<std::string_view> names;
  for (const StateRow& row : kStateTable) {
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    EXPECT_EQ(StateOfName(row.name), row.state);
  }
}

TEST(StateTable, UnknownStateGoesOnWithTheRollback) {
  EXPECT_EQ(StateOfName("a state of the future"), RunState::kFlashingFallback);
  EXPECT_EQ(RowOf(StateOfName("")).on_resume, OnResume::kRollBack);
}

TEST(StateTable, NothingAfterCommitTouchesTheBoard) {
  for (const RunState state : {RunState::kCommitted, RunState::kRolledBack}) {
    EXPECT_EQ(RowOf(state).on_resume, OnResume::kFinish);
  }
}

TEST(StateTable, UnprovenBoardIsNeverLeftAlone) {
  for (const RunState state : {RunState::kFlashingNew, RunState::kHealth}) {
    EXPECT_EQ(RowOf(state).on_error, OnError::kRollBack);
    EXPECT_NE(RowOf(state).on_resume, OnResume::kDrop);
  }
}

}  // namespace
}  // namespace lastgood
