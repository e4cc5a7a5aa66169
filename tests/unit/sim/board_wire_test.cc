// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <string>

#include "base/bytes.h"
#include "sim/wire.h"

namespace lastgood::sim {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;

constexpr TimePoint kStart{milliseconds(10)};

void SendAll(Wire& wire, ByteSpan octets, std::uint32_t baud, TimePoint at = kStart) {
  for (const std::uint8_t octet : octets) wire.Send(at, octet, baud);
}

Bytes ReceiveAll(Wire& wire, std::uint32_t baud, TimePoint until = kStart + milliseconds(1000)) {
  Bytes all;
  while (const auto reception = wire.Receive(until, baud)) all.push_back(reception->octet);
  return all;
}

Bytes EveryOctet() {
  Bytes all;
  for (unsigned i = 0; i < 256; ++i) all.push_back(static_cast<std::uint8_t>(i));
  return all;
}

TEST(BoardWireTest, OctetTakesTenBitTimes) {
  EXPECT_EQ(OctetTime(115200), nanoseconds(86805));
  EXPECT_EQ(OctetTime(74880), nanoseconds(133547));
  EXPECT_EQ(OctetTime(1000), milliseconds(10));
}

TEST(BoardWireTest, OctetsArriveOneAfterAnother) {
  Wire wire;
  SendAll(wire, Bytes{0x01, 0x02}, 1000);
  EXPECT_EQ(wire.IdleFrom(), kStart + milliseconds(20));
  EXPECT_EQ(wire.NextArrival(1000), kStart + milliseconds(10));
  EXPECT_FALSE(wire.Receive(kStart + milliseconds(10) - nanoseconds(1), 1000));
  const auto first = wire.Receive(kStart + milliseconds(10), 1000);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->octet, 0x01);
  EXPECT_EQ(first->at, kStart + milliseconds(10));
  EXPECT_EQ(wire.NextArrival(1000), kStart + milliseconds(20));
  EXPECT_EQ(ReceiveAll(wire, 1000), Bytes{0x02});
  EXPECT_FALSE(wire.NextArrival(1000));
}

struct RateCase {
  std::uint32_t sender;
  std::uint32_t receiver;
  bool readable;
};

// A UART samples the last data bit 8.5 bit times and the stop bit 9.5 bit times after the edge, so
// about 5 % is what it can bear.
TEST(BoardWireTest, RatesWithinAFewPercentAreReadable) {
  const RateCase cases[] = {
      {115200, 115200, true},  {115200, 117000, true},  {115200, 113500, true},
      {74880, 74880, true},    {74880, 76800, true},    {74880, 115200, false},
      {115200, 74880, false},  {115200, 127000, false}, {115200, 104000, false},
      {460800, 115200, false}, {115200, 460800, false},
  };
  for (const RateCase& c : cases) {
    Wire wire;
    SendAll(wire, EveryOctet(), c.sender);
    EXPECT_EQ(ReceiveAll(wire, c.receiver) == EveryOctet(), c.readable)
        << c.sender << " read at " << c.receiver;
  }
}

TEST(BoardWireTest, GarbageIsWhatSamplingGives) {
  // 0x00 at half the rate: low for 18 of the receiver's bit times after an edge, so all zeros with
  // a low stop bit; then the line is high and nothing else comes.
  Wire slow;
  SendAll(slow, Bytes{0x00}, 57600);
  EXPECT_EQ(ReceiveAll(slow, 115200), Bytes{0x00});
  // 0xFF at half the rate: two low bit times, start bit and first data bit; the rest is high.
  Wire ones;
  SendAll(ones, Bytes{0xFF}, 57600);
  EXPECT_EQ(ReceiveAll(ones, 115200), Bytes{0xFE});
  // A start bit of an eighth of the receiver's bit time is taken for a spike.
  Wire fast;
  SendAll(fast, Bytes{0xFF}, 921600);
  EXPECT_EQ(ReceiveAll(fast, 115200), Bytes{});
}

TEST(BoardWireTest, GarbageOfARomLineIsTheSameEveryTimeAndOfAnotherLength) {
  Bytes first;
  for (int i = 0; i < 2; ++i) {
    Wire wire;
    SendAll(wire, AsBytes("\n ets Jan  8 2013,rst cause:2, boot mode:(3,6)\n"), 74880);
    const Bytes garbage = ReceiveAll(wire, 115200);
    EXPECT_NE(std::string(AsText(garbage)).find_first_not_of("etsJan"), std::string::npos);
    EXPECT_GT(garbage.size(), 20U);
    EXPECT_LT(garbage.size(), 80U);
    if (i == 0) first = garbage;
    EXPECT_EQ(garbage, first);
  }
}

TEST(BoardWireTest, ReceiverThatStartsAmidOctetsFindsTheNextIdleGap) {
  Wire wire;
  SendAll(wire, Bytes{0x00, 0x41}, 115200);
  wire.ListenFrom(kStart + microseconds(40));  // within the zeros
  EXPECT_EQ(ReceiveAll(wire, 115200), Bytes{0x41});
}

TEST(BoardWireTest, CutOffDropsWhatHasNotStartedAndTruncatesTheRest) {
  Wire wire;
  SendAll(wire, Bytes{0x41, 0x00, 0x43}, 1000);
  wire.CutOff(kStart + milliseconds(14));  // 0x00 has had its start bit and three zeros
  EXPECT_EQ(wire.IdleFrom(), kStart + milliseconds(14));
  EXPECT_EQ(ReceiveAll(wire, 1000), (Bytes{0x41, 0xF8}));
  wire.Send(kStart + milliseconds(50), 0x44, 1000);
  EXPECT_EQ(ReceiveAll(wire, 1000), Bytes{0x44});
}

TEST(BoardWireTest, RetimeChangesOnlyWhatHasNotStarted) {
  Wire wire;
  SendAll(wire, Bytes{0x41, 0x42, 0x43}, 1000);
  wire.Retime(kStart + milliseconds(1), 2000);
  EXPECT_EQ(wire.IdleFrom(), kStart + milliseconds(20));
  EXPECT_EQ(wire.Receive(kStart + milliseconds(100), 1000)->octet, 0x41);
  EXPECT_EQ(ReceiveAll(wire, 2000), (Bytes{0x42, 0x43}));
}

struct EdgeCase {
  std::uint8_t octet;
  unsigned edges;
};

TEST(BoardWireTest, EdgesOfAnOctetAreCounted) {
  const EdgeCase cases[] = {{0x00, 2}, {0xFF, 2}, {0xC0, 2}, {0x55, 10}, {0xAA, 8},
                            {0x08, 4}, {0x24, 6}, {0x07, 4}, {0x7F, 4}};
  for (const EdgeCase& c : cases) {
    Wire wire;
    SendAll(wire, Bytes{c.octet}, 9600);
    EXPECT_TRUE(wire.EdgeSinceListening(c.edges)) << int{c.octet};
    EXPECT_FALSE(wire.EdgeSinceListening(c.edges + 1)) << int{c.octet};
  }
}

TEST(BoardWireTest, EdgesBeforeListeningDoNotCount) {
  Wire wire;
  SendAll(wire, Bytes{0x55, 0x55}, 1000);
  EXPECT_EQ(wire.EdgeSinceListening(1)->at, kStart);
  EXPECT_EQ(wire.EdgeSinceListening(11)->at, kStart + milliseconds(10));
  EXPECT_EQ(wire.EdgeSinceListening(11)->baud, 1000U);
  wire.ListenFrom(kStart + milliseconds(9));
  EXPECT_EQ(wire.EdgeSinceListening(1)->at, kStart + milliseconds(9));  // rising into the stop bit
  EXPECT_FALSE(wire.EdgeSinceListening(12));
}

}  // namespace
}  // namespace lastgood::sim
