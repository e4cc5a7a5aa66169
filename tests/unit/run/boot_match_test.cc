// SPDX-License-Identifier: MIT
#include "run/boot_match.h"

#include <gtest/gtest.h>

#include <string_view>

#include "sim/boot_log.h"
#include "sim/image_factory.h"
#include "support/verified.h"

namespace lastgood {
namespace {

FlashPlan PlanOf(std::uint32_t seed) {
  BoardIdentity board;
  board.flash_size_bytes = 4U << 20;
  FirmwareSpec firmware;
  firmware.parts.resize(1);
  sim::ImageRequest request;
  request.seed = seed;
  request.size_bytes += 8192 * seed;
  std::vector<Verified<Bytes>> parts;
  parts.push_back(test::AsVerified(sim::MakeImage(request)));
  auto plan = PlanFlash(firmware, parts, board, Caution::kRefuse);
  EXPECT_TRUE(plan) << plan.error().message;
  return *std::move(plan);
}

// What the ROM says of the flash with the plan's image in it.
HealthVerdict HeardOf(const FlashPlan& plan) {
  const ByteSpan image = plan.images.front().bytes();
  const std::string said =
      sim::ResetLine(sim::kCauseResetPin, sim::Straps::kFlash) + sim::LoadImage(image, 0).text;
  HealthVerdict verdict;
  verdict.transcript.assign(said.begin(), said.end());
  return verdict;
}

TEST(BootMatch, WhatWasWrittenIsWhatStarts) {
  const FlashPlan plan = PlanOf(1);
  const BootComparison comparison = CompareWithPlan(HeardOf(plan), plan);
  EXPECT_EQ(comparison.match, BootMatch::kSame) << comparison.text;
  EXPECT_FALSE(IsAnother(comparison));
}

TEST(BootMatch, AnotherImageSaysNothingAboutTheFirmware) {
  FlashPlan plan = PlanOf(1);
  const HealthVerdict heard = HeardOf(plan);
  plan.boot_segments.front().size_bytes += 4;
  EXPECT_EQ(CompareWithPlan(heard, plan).match, BootMatch::kOtherImage);
  plan = PlanOf(1);
  plan.boot_checksum = static_cast<std::uint8_t>(plan.boot_checksum ^ 1);
  EXPECT_EQ(CompareWithPlan(heard, plan).match, BootMatch::kReadsWrongly);
  EXPECT_TRUE(IsAnother(CompareWithPlan(heard, plan)));
}

TEST(BootMatch, WhatWasNotHeardOrNotWrittenIsNoDifference) {
  FlashPlan plan = PlanOf(1);
  EXPECT_FALSE(IsAnother(CompareWithPlan(HealthVerdict(), plan)));
  const HealthVerdict heard = HeardOf(plan);
  plan.boot_segments.clear();
  EXPECT_FALSE(IsAnother(CompareWithPlan(heard, plan)));
}

TEST(BootMatch, AWellEndingBootLogOfAnotherImageProvesNothing) {
  FlashPlan plan = PlanOf(1);
  HealthVerdict heard = HeardOf(plan);
  heard.health = Health::kHealthy;
  EXPECT_TRUE(HoldAgainstPlan(heard, HealthKind::kBootLog, plan).good());
  plan.boot_segments.front().size_bytes += 4;
  EXPECT_TRUE(HoldAgainstPlan(heard, HealthKind::kBootLog, plan).good()) << "the sums agree";
  plan.boot_checksum = static_cast<std::uint8_t>(plan.boot_checksum ^ 1);
  const HealthVerdict held = HoldAgainstPlan(heard, HealthKind::kBootLog, plan);
  EXPECT_EQ(held.health, Health::kOtherFirmware);
  EXPECT_FALSE(held.summary.empty());
  EXPECT_FALSE(held.remedy.empty());
  EXPECT_TRUE(HoldAgainstPlan(heard, HealthKind::kMicropython, plan).good());
  heard.transcript.clear();
  EXPECT_TRUE(HoldAgainstPlan(heard, HealthKind::kBootLog, plan).good()) << "nothing to compare";
}

}  // namespace
}  // namespace lastgood
