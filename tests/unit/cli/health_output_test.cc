// SPDX-License-Identifier: MIT
#include "cli/health_output.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <string_view>
#include <vector>

namespace lastgood {
namespace {

Bytes Heard(std::string_view text) { return {text.begin(), text.end()}; }

ToldVerdict Told(std::string source, std::string how) {
  ToldVerdict told;
  told.source = std::move(source);
  told.how = std::move(how);
  return told;
}

// What docs/events.md shows.
ToldVerdict Looping() {
  ToldVerdict told = Told("/dev/ttyAMA0", "checked");
  told.verdict.health = Health::kBootLoop;
  told.verdict.cause = "init data missing";
  told.verdict.summary = "boot loop: 4 resets in 2 s, last words \"rf_cal[0] !=0x05,is 0xFF\"";
  told.verdict.remedy = "set size = \"detect\" in [firmware.flash]";
  told.verdict.evidence = {"csum 0x56", "rf_cal[0] !=0x05,is 0xFF"};
  told.verdict.transcript = Heard(
      "\n ets Jan  8 2013,rst cause:2, boot mode:(3,6)\n\ncsum 0x56\n"
      "rf_cal[0] !=0x05,is 0xFF\n");
  return told;
}
ToldVerdict Healthy() {
  ToldVerdict told = Told("board.capture", "replayed");
  told.verdict.health = Health::kHealthy;
  told.verdict.version = "1.22.1";
  told.verdict.summary = "REPL answers as 1.22.1, up for 5 s";
  told.verdict.transcript = Heard("\n ets Jan  8 2013,rst cause:2, boot mode:(3,6)\n\ncsum 0xcb\n");
  told.start = told.starts = 2;
  told.recorded = "healthy(1.22.1)";
  return told;
}

TEST(HealthOutputTest, JsonIsAsDocumented) {
  std::ifstream file(LASTGOOD_SOURCE_DIR "/docs/events.md");
  std::vector<std::string> examples;
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("{\"v\":1,\"event\":\"verdict\"")) examples.push_back(line);
  EXPECT_EQ(examples, (std::vector{JsonOf(Looping()), JsonOf(Healthy())}));
}

TEST(HealthOutputTest, DetailsAreRemarksThenNotesThenEvidence) {
  ToldVerdict told = Looping();
  told.remarks = {"start 1 of 2, at 0.000 s"};
  told.verdict.notes = {"a note"};
  EXPECT_EQ(DetailsOf(told),
            (std::vector<std::string>{"start 1 of 2, at 0.000 s", "a note", "heard: csum 0x56",
                                      "heard: rf_cal[0] !=0x05,is 0xFF"}));
  EXPECT_TRUE(DetailsOf(Healthy()).empty());
}

TEST(HealthOutputTest, OnlyAHealthyBoardIsSuccess) {
  EXPECT_EQ(Healthy().code(), ExitCode::kDone);
  ToldVerdict told = Healthy();
  for (int health = 1; health <= static_cast<int>(Health::kCheckFailed); ++health) {
    told.verdict.health = static_cast<Health>(health);
    EXPECT_EQ(told.code(), ExitCode::kBoard) << HealthName(told.verdict.health);
  }
}

}  // namespace
}  // namespace lastgood
