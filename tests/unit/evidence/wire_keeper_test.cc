// SPDX-License-Identifier: MIT
#include "evidence/wire_keeper.h"

#include <gtest/gtest.h>

#include <string>

#include "evidence_fixture.h"

namespace lastgood {
namespace {

WireEvent HeardAt(std::int64_t at_ms, const std::string& text) {
  return test::Heard(at_ms, text).event;
}
WireEvent SentAt(std::int64_t at_ms, const std::string& text) {
  return test::Sent(at_ms, text).event;
}

std::size_t SizeOf(const WireEvidence& wire) {
  std::size_t size = 0;
  for (const KeptWireEvent& kept : wire.events) size += kept.event.octets.size();
  return size;
}

std::string TextOf(const WireEvidence& wire) {
  std::string text;
  for (const KeptWireEvent& kept : wire.events) text += AsText(kept.event.octets);
  return text;
}

TEST(WireKeeperTest, ReadsThatFollowCloselyAreOneEvent) {
  WireKeeper keeper;
  keeper.Add(HeardAt(0, "e"));
  keeper.Add(HeardAt(15, "t"));
  keeper.Add(HeardAt(30, "s"));
  keeper.Add(HeardAt(90, " Jan"));
  keeper.Add(SentAt(91, "\x03"));
  const WireEvidence wire = keeper.Take();
  ASSERT_EQ(wire.events.size(), 3U);
  EXPECT_EQ(wire.events[0], test::Heard(0, "ets"));
  EXPECT_EQ(wire.events[1], test::Heard(90, " Jan"));
  EXPECT_EQ(wire.events[2], test::Sent(91, "\x03"));
  EXPECT_EQ(wire.heard_bytes, 7U);
  EXPECT_EQ(wire.sent_bytes, 1U);
}

TEST(WireKeeperTest, RatesAndLevelsKeepTheirPlace) {
  WireKeeper keeper;
  keeper.Add(test::Rate(0, 74880).event);
  keeper.Add(test::Lines(1, true, false).event);
  keeper.Add(HeardAt(2, "a"));
  keeper.Add(test::Lines(3, false, false).event);
  keeper.Add(HeardAt(4, "b"));
  const WireEvidence wire = keeper.Take();
  ASSERT_EQ(wire.events.size(), 5U);
  EXPECT_EQ(wire.events[0].event.baud, 74880U);
  EXPECT_TRUE(wire.events[1].event.reset_asserted);
  EXPECT_EQ(TextOf(wire), "ab");
}

TEST(WireKeeperTest, WhatWasTakenIsNotTakenAgain) {
  WireKeeper keeper;
  keeper.Add(HeardAt(0, "a"));
  EXPECT_EQ(TextOf(keeper.Take()), "a");
  EXPECT_EQ(keeper.Take(), WireEvidence());
  keeper.Add(HeardAt(1, "b"));
  EXPECT_EQ(TextOf(keeper.Take()), "b");
}

TEST(WireKeeperTest, ALoadersBulkIsKeptByItsBeginning) {
  WireKeeper keeper;
  const std::string frame = "\xC0" + std::string(4'000, 'x');
  keeper.Add(SentAt(0, frame));
  keeper.Add(HeardAt(50, "\xC0" + std::string(20, 'y')));
  for (int i = 0; i < 10; ++i) keeper.Add(HeardAt(200 + i, std::string(500, 'z')));
  const WireEvidence wire = keeper.Take();
  ASSERT_EQ(wire.events.size(), 3U);
  EXPECT_EQ(wire.events[0].event.octets.size(), 64U);
  EXPECT_EQ(wire.events[0].more, 4'001U - 64U);
  EXPECT_EQ(wire.events[1].event.octets.size(), 21U);
  EXPECT_EQ(wire.events[1].more, 0U);
  EXPECT_EQ(wire.events[2].event.octets.size(), 64U);
  EXPECT_EQ(wire.events[2].more, 5'000U - 64U);
}

TEST(WireKeeperTest, AConsoleIsKeptWhole) {
  WireKeeper keeper;
  const std::string log(5'000, 'x');
  keeper.Add(SentAt(0, "\xC0..."));
  keeper.Add(test::ResetInto(1, false).event);
  keeper.Add(HeardAt(2, log));
  EXPECT_EQ(TextOf(keeper.Take()), "\xC0..." + log);
}

TEST(WireKeeperTest, OfAFloodBeginningAndEndAreKeptAndTheRestIsCounted) {
  WireKeeper keeper;
  std::size_t total = 0;
  std::string last;
  for (int i = 0; i < 20'000; ++i) {
    last = "line " + std::to_string(i) + "\n";
    total += last.size();
    keeper.Add(HeardAt(i * 30, last));
  }
  const WireEvidence wire = keeper.Take();
  EXPECT_EQ(wire.heard_bytes, total);
  EXPECT_LE(SizeOf(wire), WireKeeper::kStretchBytesMax);
  EXPECT_EQ(TextOf(wire).substr(0, 14), "line 0\nline 1\n");
  EXPECT_TRUE(TextOf(wire).ends_with(last));
  std::uint64_t gap = 0;
  for (const KeptWireEvent& kept : wire.events) gap += kept.gap;
  EXPECT_EQ(gap + SizeOf(wire), total);
}

// What a gap has cut off a line may have been what tells that the rest is a secret.
TEST(WireKeeperTest, BehindAGapALineIsNotKeptInPart) {
  WireKeeper keeper;
  int at = 0;
  while (at < 3'000) keeper.Add(HeardAt(30 * at++, "wlan.connect(\"home\","));
  for (int i = 0; i < 300; ++i) keeper.Add(HeardAt(30 * at++, "\"s3cret\")"));
  keeper.Add(HeardAt(30 * at++, "\nwhole line\n"));
  const WireEvidence wire = keeper.Take();
  const std::string text = TextOf(wire);
  EXPECT_TRUE(text.ends_with("whole line\n"));
  bool behind_gap = false;
  std::uint64_t total = 0;
  for (const KeptWireEvent& kept : wire.events) {
    behind_gap |= kept.gap > 0;
    total += kept.gap + kept.event.octets.size();
  }
  EXPECT_TRUE(behind_gap);
  EXPECT_EQ(total, wire.heard_bytes);
}

TEST(WireKeeperTest, AllStretchesTogetherHaveABudget) {
  WireKeeper keeper;
  std::size_t kept = 0;
  for (int stretch = 0; stretch < 32; ++stretch) {
    for (int i = 0; i < 2'000; ++i)
      keeper.Add(HeardAt(stretch * 100'000 + i * 30, std::string(50, 'x') + "\n"));
    const std::size_t size = SizeOf(keeper.Take());
    EXPECT_GT(size, WireKeeper::kLeastBytes / 2);
    kept += size;
  }
  EXPECT_LE(kept, WireKeeper::kRunBytesMax + 32 * WireKeeper::kLeastBytes);
}

}  // namespace
}  // namespace lastgood
