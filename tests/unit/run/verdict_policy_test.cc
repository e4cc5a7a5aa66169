// SPDX-License-Identifier: MIT
#include "run/verdict_policy.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "support/temporary_directory.h"

namespace lastgood {
namespace {

constexpr const char* kRomLog =
    "\n ets Jan  8 2013,rst cause:2, boot mode:(3,7)\n\nload 0x40100000, len 31264, room 16 \n"
    "tail 0\nchksum 0x7a\ncsum 0x7a\n";

HealthVerdict VerdictOf(Health health, std::string_view heard = "",
                        BootFault fault = BootFault::kNone) {
  HealthVerdict verdict;
  verdict.health = health;
  verdict.fault = fault;
  verdict.transcript.assign(heard.begin(), heard.end());
  return verdict;
}

TEST(VerdictPolicy, EveryVerdictHasOneRowWithItsReason) {
  std::set<Health> seen;
  for (const BlameRow& row : kBlameTable) {
    EXPECT_TRUE(seen.insert(row.health).second) << HealthName(row.health);
    EXPECT_FALSE(row.why.empty());
  }
  for (int i = 0; i <= static_cast<int>(Health::kCheckFailed); ++i)
    EXPECT_TRUE(seen.contains(static_cast<Health>(i))) << "a new verdict needs its row";
}

TEST(VerdictPolicy, DocumentationNamesEveryVerdict) {
  const std::string page = test::ReadText(std::string(LASTGOOD_SOURCE_DIR) + "/docs/state.md");
  const std::string section = page.substr(page.find("## What condemns a firmware"));
  for (const BlameRow& row : kBlameTable) {
    if (row.health == Health::kHealthy) continue;
    EXPECT_NE(section.find("`" + std::string(HealthName(row.health)) + "`"), std::string::npos)
        << HealthName(row.health);
  }
}

TEST(VerdictPolicy, WhatTheFirmwareSaidCondemnsIt) {
  for (const Health health : {Health::kBootLoop, Health::kCrash, Health::kWrongVersion,
                              Health::kOtherFirmware, Health::kCheckFailed})
    EXPECT_EQ(BlameFor(VerdictOf(health)), Blame::kFirmware) << HealthName(health);
}

TEST(VerdictPolicy, WiresAndPinsDoNot) {
  for (const Health health : {Health::kGarbage, Health::kDownloadMode, Health::kSilent})
    EXPECT_EQ(BlameFor(VerdictOf(health)), Blame::kNotFirmware) << HealthName(health);
}

TEST(VerdictPolicy, SilenceCountsOnlyBehindTheRomsBootLog) {
  EXPECT_EQ(BlameFor(VerdictOf(Health::kSilent, kRomLog)), Blame::kIfProvenOut);
  EXPECT_EQ(BlameFor(VerdictOf(Health::kSilent, "print(17*23)")), Blame::kNotFirmware);
}

TEST(VerdictPolicy, FlashThatCanNotBeReadAndASupplyThatBreaksDownAreNoFirmware) {
  for (const BootFault fault : {BootFault::kFlashRead, BootFault::kBrownout})
    for (const Health health : {Health::kCrash, Health::kBootLoop})
      EXPECT_EQ(BlameFor(VerdictOf(health, kRomLog, fault)), Blame::kNotFirmware);
}

}  // namespace
}  // namespace lastgood
