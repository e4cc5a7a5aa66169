// SPDX-License-Identifier: MIT
#include "base/exit_code.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

namespace lastgood {
namespace {

// Scripts and fleet tools branch on these: a number never changes its meaning.
TEST(ExitCode, NumbersAreThoseThatWerePromised) {
  const std::map<int, ExitCode> promised = {
      {0, ExitCode::kDone},           {1, ExitCode::kInternal},
      {2, ExitCode::kUsage},          {3, ExitCode::kInvalidManifest},
      {4, ExitCode::kCannotDownload}, {5, ExitCode::kNotTrusted},
      {6, ExitCode::kSetupFailed},    {7, ExitCode::kBoard},
      {8, ExitCode::kRolledBack},     {9, ExitCode::kNeedsHands},
      {10, ExitCode::kRebootNeeded},  {11, ExitCode::kBusy},
      {12, ExitCode::kRefused},       {130, ExitCode::kInterrupted},
  };
  ASSERT_EQ(kExitCodes.size(), promised.size());
  for (const ExitCodeRow& row : kExitCodes) {
    const auto found = promised.find(static_cast<int>(row.code));
    ASSERT_NE(found, promised.end()) << static_cast<int>(row.code);
    EXPECT_EQ(found->second, row.code);
  }
}

TEST(ExitCode, TableIsInOrderAndEveryRowSaysSomethingOfItsOwn) {
  std::set<std::string> meanings;
  int last = -1;
  for (const ExitCodeRow& row : kExitCodes) {
    EXPECT_GT(static_cast<int>(row.code), last);
    last = static_cast<int>(row.code);
    EXPECT_FALSE(row.meaning.empty());
    EXPECT_TRUE(meanings.insert(std::string(row.meaning)).second) << row.meaning;
  }
}

}  // namespace
}  // namespace lastgood
