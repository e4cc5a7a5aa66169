// SPDX-License-Identifier: MIT
// docs/bootlog.md says what the code does.
#include <gtest/gtest.h>

#include <filesystem>
#include <set>
#include <string>

#include "health/log_verdict.h"
#include "health/readable_text.h"
#include "support/temporary_directory.h"

namespace lastgood::test {
namespace {

// "| fault | `line` | remedy |" in its three parts; empty ones when the line is no such row.
std::vector<std::string> Row(std::string_view line) {
  std::vector<std::string> cells;
  while (line.starts_with("| ")) {
    const std::size_t end = line.find(" |", 1);
    if (end == std::string_view::npos) return {};
    cells.emplace_back(line.substr(2, end - 2));
    line.remove_prefix(end + 1);
  }
  return cells.size() == 3 && cells[1].starts_with('`') ? cells : std::vector<std::string>();
}

TEST(BootLogPage, EveryFaultHasItsLineAndItsRemedy) {
  const std::string page = ReadText(std::filesystem::path(LASTGOOD_SOURCE_DIR) / "docs/bootlog.md");
  std::set<std::string> named;
  for (const std::string_view line : SplitLines(page)) {
    const std::vector<std::string> row = Row(line);
    if (row.empty()) continue;
    SCOPED_TRACE(row[0]);
    const std::string told = row[1].substr(1, row[1].size() - 2) + "\n";
    const HealthVerdict verdict = JudgeLog(AsBytes(told), std::chrono::milliseconds(0));
    EXPECT_EQ(verdict.cause, row[0]);
    EXPECT_EQ(verdict.remedy, row[2]);
    named.insert(row[0]);
  }
  for (int i = 1; i <= static_cast<int>(BootFault::kUnknown); ++i)
    EXPECT_TRUE(named.count(std::string(BootFaultName(static_cast<BootFault>(i)))))
        << BootFaultName(static_cast<BootFault>(i));
}

}  // namespace
}  // namespace lastgood::test
