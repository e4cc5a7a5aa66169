// SPDX-License-Identifier: MIT
#include "flash/slip.h"

#include <gtest/gtest.h>

#include <random>

namespace lastgood {
namespace {

std::vector<Bytes> FramesOf(SlipDecoder& decoder) {
  std::vector<Bytes> frames;
  while (auto frame = decoder.NextFrame()) frames.push_back(*frame);
  return frames;
}

TEST(SlipTest, DelimitersAndEscapesAreEscaped) {
  struct Case {
    Bytes payload;
    Bytes frame;
  };
  const Case cases[] = {
      {{}, {0xC0, 0xC0}},
      {{1, 2, 3}, {0xC0, 1, 2, 3, 0xC0}},
      {{0xC0}, {0xC0, 0xDB, 0xDC, 0xC0}},
      {{0xDB}, {0xC0, 0xDB, 0xDD, 0xC0}},
      {{0xDB, 0xDC, 0xC0, 0xDD}, {0xC0, 0xDB, 0xDD, 0xDC, 0xDB, 0xDC, 0xDD, 0xC0}},
  };
  for (const Case& row : cases) {
    EXPECT_EQ(SlipFrame(row.payload), row.frame);
    EXPECT_EQ(SlipFrameSize(row.payload), row.frame.size());
  }
}

TEST(SlipTest, FramesComeOutWholeHoweverTheWireCutsThem) {
  const Bytes wire = {0xC0, 1, 0xDB, 0xDC, 2, 0xC0, 0xC0, 3, 0xDB, 0xDD, 0xC0};
  for (std::size_t piece = 1; piece <= wire.size(); ++piece) {
    SlipDecoder decoder(64, 64);
    for (std::size_t at = 0; at < wire.size(); at += piece)
      decoder.Feed(ByteSpan(wire).subspan(at, std::min(piece, wire.size() - at)));
    EXPECT_EQ(FramesOf(decoder), (std::vector<Bytes>{{1, 0xC0, 2}, {3, 0xDB}})) << piece;
    EXPECT_TRUE(decoder.Noise().empty());
  }
}

TEST(SlipTest, TextBeforeTheFirstFrameIsKept) {
  SlipDecoder decoder(64, 64);
  decoder.Feed(AsBytes("ets Jan  8 2013"));
  decoder.Feed(Bytes{0xC0, 7, 0xC0});
  EXPECT_EQ(FramesOf(decoder), std::vector<Bytes>{{7}});
  EXPECT_EQ(AsText(decoder.Noise()), "ets Jan  8 2013");
}

TEST(SlipTest, EmptyFramesAreNotFrames) {
  SlipDecoder decoder(64, 64);
  decoder.Feed(Bytes{0xC0, 0xC0, 0xC0, 0xC0, 9, 0xC0, 0xC0});
  EXPECT_EQ(FramesOf(decoder), std::vector<Bytes>{{9}});
}

TEST(SlipTest, StrayDelimiterCostsNoFrame) {
  SlipDecoder decoder(64, 64);
  decoder.Feed(Bytes{0xC0, 0xC0, 1, 0xC0, 0xC0, 2, 0xC0});
  EXPECT_EQ(FramesOf(decoder), (std::vector<Bytes>{{1}, {2}}));
  // Noise with a delimiter in it: the frame that follows survives.
  decoder.Feed(Bytes{0x41, 0x42, 0xC0, 3, 0xC0});
  EXPECT_EQ(FramesOf(decoder), (std::vector<Bytes>{{0x41, 0x42}, {3}}));
}

TEST(SlipTest, BrokenEscapeLosesThatFrameOnly) {
  SlipDecoder decoder(64, 64);
  decoder.Feed(Bytes{0xC0, 1, 0xDB, 0x41, 2, 0xC0, 0xC0, 5, 0xDB, 0xC0, 0xC0, 6, 0xC0});
  EXPECT_EQ(FramesOf(decoder), std::vector<Bytes>{{6}});
  EXPECT_EQ(decoder.Noise(), (Bytes{1, 0xDB, 0x41, 2, 5, 0xDB}));
}

TEST(SlipTest, FrameThatNeverEndsIsBoundedAndTheNextOneIsRead) {
  SlipDecoder decoder(8, 1000);
  decoder.Feed(Bytes{0xC0});
  decoder.Feed(Bytes(5000, 0x55));
  EXPECT_EQ(decoder.Noise().size(), 1000U);
  decoder.Feed(Bytes{0xC0, 4, 0xC0});
  EXPECT_EQ(FramesOf(decoder), std::vector<Bytes>{{4}});
  decoder.Feed(Bytes{0xC0, 1, 2, 3, 4, 5, 6, 7, 8, 0xC0});
  EXPECT_EQ(FramesOf(decoder), (std::vector<Bytes>{{1, 2, 3, 4, 5, 6, 7, 8}}));
}

TEST(SlipTest, UnfinishedFrameCountsAsNoiseUntilItIsFinished) {
  SlipDecoder decoder(64, 64);
  decoder.Feed(Bytes{0xC0, 1, 2});
  EXPECT_EQ(decoder.Noise(), (Bytes{1, 2}));
  decoder.Feed(Bytes{3, 0xC0});
  EXPECT_TRUE(decoder.Noise().empty());
  EXPECT_EQ(FramesOf(decoder), (std::vector<Bytes>{{1, 2, 3}}));
}

TEST(SlipTest, ClearForgetsEverything) {
  SlipDecoder decoder(64, 64);
  decoder.Feed(Bytes{9, 0xC0, 1, 0xC0, 2});
  decoder.Clear();
  decoder.Feed(Bytes{3, 0xC0});
  EXPECT_TRUE(FramesOf(decoder).empty());
  EXPECT_EQ(decoder.Noise(), Bytes{3});
}

TEST(SlipTest, RandomPayloadsSurviveTheRoundTrip) {
  constexpr std::uint32_t kSeed = 4711;
  SCOPED_TRACE(kSeed);
  std::mt19937 random(kSeed);
  SlipDecoder decoder(10000, 64);
  for (int round = 0; round < 300; ++round) {
    Bytes payload(1 + random() % 300);
    for (auto& octet : payload) {
      static constexpr std::uint8_t kNasty[] = {0xC0, 0xDB, 0xDC, 0xDD};
      octet = random() % 3 == 0 ? kNasty[random() % 4] : static_cast<std::uint8_t>(random());
    }
    decoder.Feed(SlipFrame(payload));
    EXPECT_EQ(FramesOf(decoder), std::vector<Bytes>{payload});
  }
  EXPECT_TRUE(decoder.Noise().empty());
}

}  // namespace
}  // namespace lastgood
