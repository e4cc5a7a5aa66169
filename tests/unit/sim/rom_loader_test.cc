// SPDX-License-Identifier: MIT
// The mask-ROM loader through the wire, in bytes as section 5.1 of the protocol reference has them.
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "board_rig.h"

namespace lastgood::sim {
namespace {

constexpr std::uint32_t kMiB = 1U << 20;

Bytes Pattern(std::size_t size, unsigned step = 7) {
  Bytes data(size);
  for (std::size_t i = 0; i < size; ++i) data[i] = static_cast<std::uint8_t>(i * step + 1);
  return data;
}

Request FlashBegin(std::uint32_t size, std::uint32_t packets, std::uint32_t packet_size,
                   std::uint32_t offset) {
  return {0x02, Words({size, packets, packet_size, offset})};
}

void ExpectReply(const Reply& reply, std::uint8_t opcode, std::uint8_t error) {
  EXPECT_EQ(reply.opcode, opcode);
  EXPECT_EQ(reply.status, error == 0 ? 0 : 1);
  EXPECT_EQ(reply.error, error);
}

// --- Auto-baud and SYNC. ---

TEST(RomLoaderTest, FirstSyncTrainsTheRateAndIsLostTheSecondIsAnsweredEightTimes) {
  Rig rig;
  rig.Reset(BoardMode::kDownload, milliseconds(20));
  rig.SetBaud(115200);
  rig.Write(SyncFrame());
  EXPECT_EQ(rig.Listen(milliseconds(100)), Bytes{});
  rig.Write(SyncFrame());
  const Bytes one = {0xC0, 0x01, 0x08, 0x02, 0x00, 0x07, 0x07, 0x12, 0x20, 0x00, 0x00, 0xC0};
  Bytes expected;
  for (int i = 0; i < 8; ++i) Append(expected, one);
  EXPECT_EQ(rig.Listen(milliseconds(100)), expected);
}

TEST(RomLoaderTest, AnyRateCanBeTrainedAndTheDividerFollows) {
  for (const std::uint32_t baud : {9600U, 57600U, 74880U, 115200U, 230400U, 460800U, 921600U}) {
    Rig rig;
    rig.Sync(baud);
    EXPECT_EQ(rig.ReadRegister(0x40001000), 0xFFF0C101U) << baud;
    EXPECT_EQ(rig.ReadRegister(0x60000014), (52'000'000 + baud / 2) / baud) << baud;
  }
}

TEST(RomLoaderTest, RateIsTrainedOnceForTheSession) {
  Rig rig;
  rig.Sync(115200);
  rig.SetBaud(57600);
  for (int i = 0; i < 3; ++i) rig.Write(SyncFrame());
  EXPECT_TRUE(Replies(rig.Listen(milliseconds(300))).empty());
  rig.Sync(57600);  // after a reset it can be
  EXPECT_EQ(rig.AskAll({0x08, Bytes(36)}).size(), 8U);
}

TEST(RomLoaderTest, TwentyNineEdgesDoNotTrain) {
  Rig rig;
  rig.Reset(BoardMode::kDownload, milliseconds(20));
  rig.SetBaud(115200);
  rig.Write(Bytes(14, 0x00));  // 28 edges
  rig.Listen(milliseconds(20));
  rig.SetBaud(57600);
  rig.Write(Bytes{0x00});  // the 29th and the 30th: trained at this rate
  rig.Listen(milliseconds(20));
  rig.SetBaud(115200);
  rig.Write(SyncFrame());
  EXPECT_TRUE(Replies(rig.Listen(milliseconds(100))).empty());
  rig.SetBaud(57600);
  rig.Write(SyncFrame());
  EXPECT_EQ(Replies(rig.Listen(milliseconds(100))).size(), 8U);
}

// With the opener's rising edge as the 30th the opener itself is lost.
TEST(RomLoaderTest, FrameThatTrainsIsLostEvenWhenItsFirstOctetDoes) {
  Rig rig;
  rig.Reset(BoardMode::kDownload, milliseconds(20));
  rig.SetBaud(115200);
  rig.Write(Bytes(14, 0x00));  // 28 edges
  rig.Write(SyncFrame());
  EXPECT_TRUE(Replies(rig.Listen(milliseconds(100))).empty());
  rig.Write(SyncFrame());
  EXPECT_EQ(Replies(rig.Listen(milliseconds(100))).size(), 8U);
}

TEST(RomLoaderTest, SyncChecksNeitherLengthNorContent) {
  Rig rig;
  rig.Sync();
  auto replies = rig.AskAll({0x08, Words({0x11223344})});
  ASSERT_EQ(replies.size(), 8U);
  EXPECT_EQ(replies[7].value, 0x11223344U);
  replies = rig.AskAll({0x08, {}});
  ASSERT_EQ(replies.size(), 8U);
  EXPECT_EQ(replies[0].value, 0x11223344U);
}

// --- The reply. ---

TEST(RomLoaderTest, ValueWordIsStaleInEveryOtherReply) {
  Rig rig;
  rig.Sync();
  EXPECT_EQ(rig.Ask({0x09, Words({0x60000100, 0x1234, 0xFFFFFFFF, 0})}).value, 0x20120707U);
  EXPECT_EQ(rig.Ask({0x0A, Words({0x60000100})}).value, 0x1234U);
  EXPECT_EQ(rig.Ask(FlashBegin(0, 0, 0x400, 0)).value, 0x1234U);
  EXPECT_EQ(rig.Ask({0x05, Bytes(3)}).value, 0x1234U);
}

TEST(RomLoaderTest, ReplyIsEscaped) {
  Rig rig;
  rig.Sync();
  rig.Ask({0x09, Words({0x60000100, 0xC0DBC0DB, 0xFFFFFFFF, 0})});
  rig.Write(
      Bytes{0xC0, 0x00, 0x0A, 0x04, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00, 0x60, 0xC0});
  EXPECT_EQ(rig.Listen(milliseconds(50)), (Bytes{0xC0, 0x01, 0x0A, 0x02, 0x00, 0xDB, 0xDD, 0xDB,
                                                 0xDC, 0xDB, 0xDD, 0xDB, 0xDC, 0x00, 0x00, 0xC0}));
}

struct UnknownCase {
  std::uint8_t opcode;
  std::uint8_t direction;
};

TEST(RomLoaderTest, UnknownRequestIsRefusedUnderThePreviousOpcode) {
  const UnknownCase cases[] = {{0x00, 0}, {0x01, 0}, {0x0C, 0}, {0x0D, 0}, {0x0F, 0},   {0x13, 0},
                               {0x14, 0}, {0xD0, 0}, {0xFF, 0}, {0x0A, 1}, {0x08, 0xFF}};
  Rig rig;
  rig.Sync();
  for (const UnknownCase& c : cases) {
    rig.Ask({0x0A, Words({0x40001000})});
    const auto replies = rig.AskAll({c.opcode, Words({0}), 0, c.direction});
    ASSERT_EQ(replies.size(), 1U) << int{c.opcode};
    ExpectReply(replies[0], 0x0A, 5);
  }
}

TEST(RomLoaderTest, UnknownRequestAfterSyncIsRefusedEightTimesInOneHundredAndTwelveOctets) {
  Rig rig;
  rig.Sync();
  rig.Write(Encode({0x14, {}}));
  const Bytes octets = rig.Listen(milliseconds(100));
  EXPECT_EQ(octets.size(), 8 * 12U);
  const auto replies = Replies(octets);
  ASSERT_EQ(replies.size(), 8U);
  for (const Reply& reply : replies) ExpectReply(reply, 0x08, 5);
}

// --- Framing. ---

TEST(RomLoaderTest, NoiseEmptyFramesAndBrokenEscapesAreSteppedOver) {
  const Bytes read_magic = Encode({0x0A, Words({0x40001000})});
  const std::vector<std::pair<const char*, Bytes>> cases = {
      {"text outside frames", ToBytes("AT+GMR\r\n")},
      {"empty frame", {0xC0, 0xC0}},
      {"lone delimiter", {0xC0}},
      {"frame shorter than a header", {0xC0, 0x00, 0x08, 0x00, 0xC0}},
      {"bad escape", {0xC0, 0x00, 0x08, 0xDB, 0x41, 0x24, 0x00}},
  };
  for (const auto& [why, before] : cases) {
    Rig rig;
    rig.Sync();
    rig.Write(before);
    const auto replies = rig.AskAll({0x0A, Words({0x40001000})});
    ASSERT_EQ(replies.size(), 1U) << why;
    EXPECT_EQ(replies[0].value, 0xFFF0C101U) << why;
  }
}

TEST(RomLoaderTest, FrameLongerThanTheReceiveBufferIsDropped) {
  Rig rig;
  rig.Sync();
  EXPECT_TRUE(rig.AskAll({0x08, Bytes(0x2000)}, milliseconds(500)).empty());
  EXPECT_EQ(rig.ReadRegister(0x40001000), 0xFFF0C101U);
}

TEST(RomLoaderTest, LengthFieldThatDisagreesWithTheFrameIsMalformed) {
  Rig rig;
  rig.Sync();
  rig.Write(
      Bytes{0xC0, 0x00, 0x0A, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x10, 0x00, 0x40, 0xC0});
  const auto replies = Replies(rig.Listen(milliseconds(50)));
  ASSERT_EQ(replies.size(), 1U);
  ExpectReply(replies[0], 0x0A, 5);
}

TEST(RomLoaderTest, RequestsSentWhileOneIsWorkedOnWaitAndOverflowIsDropped) {
  Rig rig;
  rig.Sync(921600);
  rig.Write(Encode(FlashBegin(16 * 0x1000, 1, 0x400, 0x10000)));  // 32 sectors, 1.4 s
  const Bytes read_magic = Encode({0x0A, Words({0x40001000})});
  constexpr std::size_t kSent = 1000;
  for (std::size_t i = 0; i < kSent; ++i) rig.Write(read_magic);
  const auto replies = Replies(rig.Listen(milliseconds(5000)));
  ASSERT_FALSE(replies.empty());
  EXPECT_EQ(replies[0].opcode, 0x02);
  const std::size_t fit = 0x2000 / read_magic.size();
  EXPECT_GE(replies.size(), fit);
  EXPECT_LE(replies.size(), fit + 2);
}

// --- FLASH_BEGIN. ---

struct BeginCase {
  const char* why;
  Bytes data;
  std::uint8_t error;
};

TEST(RomLoaderTest, FlashBeginRules) {
  const BeginCase cases[] = {
      {"attach", Words({0, 0, 0x400, 0}), 0},
      {"one sector", Words({0x1000, 4, 0x400, 0x2000}), 0},
      {"largest packet", Words({0x1000, 1, 0x1800, 0}), 0},
      {"last byte of the chip", Words({0x800, 1, 0x400, 0x3FE000}), 0},
      {"packet too large", Words({0x1000, 1, 0x1801, 0}), 5},
      {"five words as for later chips", Words({0x1000, 1, 0x400, 0, 0}), 5},
      {"three words", Words({0x1000, 1, 0x400}), 5},
      {"nothing", {}, 5},
      {"not at a sector", Words({0x1000, 1, 0x400, 0x800}), 6},
      {"beyond 4 MiB", Words({0x1000, 1, 0x400, 0x400000}), 6},
      {"across 4 MiB", Words({0x2000, 1, 0x400, 0x3FF000}), 6},
      {"wrapping", Words({0xFFFFF000, 1, 0x400, 0x2000}), 6},
      {"defect erases beyond 4 MiB", Words({0x1000, 1, 0x400, 0x3FF000}), 6},
  };
  for (const BeginCase& c : cases) {
    Rig rig;
    rig.Sync();
    const auto replies = rig.AskAll({0x02, c.data}, milliseconds(3000));
    ASSERT_EQ(replies.size(), 1U) << c.why;
    EXPECT_EQ(replies[0].error, c.error) << c.why;
  }
}

struct EraseCase {
  std::uint32_t start;   // sector
  std::uint32_t wanted;  // sectors in the size word
  std::uint32_t erased;  // min(head, n) + n
};

// Section 7: it loses count of what it erased up to the first 64 KiB border.
TEST(RomLoaderTest, EraseDefectErasesTheHeadTwice) {
  const EraseCase cases[] = {{0, 1, 2},    {0, 8, 16},   {0, 16, 32},  {0, 17, 33}, {0, 40, 56},
                             {5, 1, 2},    {5, 11, 22},  {5, 12, 23},  {15, 1, 2},  {15, 20, 21},
                             {16, 16, 32}, {31, 33, 34}, {63, 64, 65}, {7, 0, 0}};
  for (const EraseCase& c : cases) {
    Rig rig;
    rig.board().WriteFlash(0, Bytes(kMiB, 0x00));
    rig.Sync();
    ExpectReply(
        rig.Ask(FlashBegin(c.wanted * 0x1000, 1, 0x400, c.start * 0x1000), milliseconds(20000)),
        0x02, 0);
    std::uint32_t first = 0xFFFFFFFF;
    std::uint32_t count = 0;
    for (std::uint32_t sector = 0; sector < 256; ++sector) {
      if (rig.board().flash()[sector * 0x1000] != 0xFF) continue;
      first = std::min(first, sector);
      ++count;
    }
    EXPECT_EQ(count, c.erased) << c.start << "+" << c.wanted;
    if (c.erased > 0) {
      EXPECT_EQ(first, c.start) << c.start << "+" << c.wanted;
    }
    EXPECT_EQ(rig.board().statistics().sectors_erased, c.erased);
  }
}

TEST(RomLoaderTest, AnswerToFlashBeginComesAfterTheErase) {
  Rig rig;
  rig.Sync();
  // Sectors 0-15 one by one, then 17 in one block and one sector.
  const auto expected = 17 * milliseconds(45) + milliseconds(200);
  rig.Write(Encode(FlashBegin(17 * 0x1000, 1, 0x400, 0)));
  EXPECT_TRUE(rig.serial().Drain());
  EXPECT_TRUE(rig.Listen(expected - milliseconds(1)).empty());
  EXPECT_EQ(Replies(rig.Listen(milliseconds(5))).size(), 1U);
}

// --- FLASH_DATA. ---

TEST(RomLoaderTest, BlocksAreProgrammedOneBehindTheOther) {
  Rig rig;
  rig.Sync();
  ExpectReply(rig.Ask(FlashBegin(0x1000, 2, 0x400, 0x5000), milliseconds(200)), 0x02, 0);
  const Bytes data = Pattern(0x600);
  ExpectReply(rig.Ask(DataRequest(0x03, 0, ByteSpan(data).first(0x400))), 0x03, 0);
  ExpectReply(rig.Ask(DataRequest(0x03, 1, ByteSpan(data).subspan(0x400))), 0x03, 0);
  const ByteSpan flash = rig.board().flash();
  EXPECT_TRUE(std::equal(data.begin(), data.end(), flash.begin() + 0x5000));
  EXPECT_EQ(flash[0x5600], 0xFF);
  EXPECT_EQ(rig.board().statistics().bytes_programmed, 0x600U);
}

TEST(RomLoaderTest, WrongDataBlocksAreMalformed) {
  const Bytes block = Pattern(0x100);
  Request too_long_by_field = DataRequest(0x03, 0, block);
  too_long_by_field.data[0] = 0x04;
  too_long_by_field.data[1] = 0x01;
  const std::vector<std::pair<const char*, Request>> cases = {
      {"sequence ahead", DataRequest(0x03, 1, block)},
      {"more than the packet size", DataRequest(0x03, 0, Pattern(0x404))},
      {"not a multiple of four", DataRequest(0x03, 0, Pattern(0xFE))},
      {"length field disagrees", too_long_by_field},
      {"no sub-header", {0x03, Bytes(8)}},
  };
  for (const auto& [why, request] : cases) {
    Rig rig;
    rig.Sync();
    rig.Ask(FlashBegin(0x1000, 1, 0x400, 0), milliseconds(200));
    EXPECT_EQ(rig.Ask(request, milliseconds(300)).error, 5) << why;
    EXPECT_EQ(rig.Ask(DataRequest(0x03, 0, block)).error, 0) << why << ", then a right one";
  }
}

TEST(RomLoaderTest, DataWithoutBeginIsMalformed) {
  Rig rig;
  rig.Sync();
  EXPECT_EQ(rig.Ask(DataRequest(0x03, 0, Pattern(0x100))).error, 5);
}

// The sequence number is used up before the checksum is tested.
TEST(RomLoaderTest, BlockRefusedForItsChecksumCannotBeSentAgain) {
  Rig rig;
  rig.Sync();
  rig.Ask(FlashBegin(0x1000, 2, 0x400, 0), milliseconds(200));
  Request damaged = DataRequest(0x03, 0, Pattern(0x400));
  damaged.checksum ^= 1;
  EXPECT_EQ(rig.Ask(damaged).error, 7);
  EXPECT_EQ(rig.board().flash()[0], 0xFF);
  EXPECT_EQ(rig.Ask(DataRequest(0x03, 0, Pattern(0x400))).error, 5);
  rig.Ask(FlashBegin(0x1000, 2, 0x400, 0), milliseconds(200));
  EXPECT_EQ(rig.Ask(DataRequest(0x03, 0, Pattern(0x400))).error, 0);
}

TEST(RomLoaderTest, OnlyTheLowByteOfTheChecksumWordCounts) {
  Rig rig;
  rig.Sync();
  rig.Ask(FlashBegin(0x1000, 1, 0x400, 0), milliseconds(200));
  Request request = DataRequest(0x03, 0, Pattern(0x100));
  request.checksum |= 0xABCDEF00;
  EXPECT_EQ(rig.Ask(request).error, 0);
}

TEST(RomLoaderTest, ProgrammingWhatIsNotErasedFailsTheReadBack) {
  Rig rig;
  rig.board().WriteFlash(0x1000, Bytes(0x1000, 0x0F));
  rig.Sync();
  rig.Ask(FlashBegin(0, 0, 0x400, 0x1000));  // attaches, erases nothing
  EXPECT_EQ(rig.Ask(DataRequest(0x03, 0, Words({0xFFFF00F0}))).error, 8);
  EXPECT_EQ(rig.board().flash()[0x1000], 0x00);  // AND
  EXPECT_EQ(rig.board().flash()[0x1003], 0x0F);
  EXPECT_EQ(rig.board().flash()[0x1004], 0x0F);
}

TEST(RomLoaderTest, ReadBackIsOnlyAnEightBitXor) {
  Rig rig;
  rig.board().WriteFlash(0x1000, Bytes(0x1000, 0x00));
  rig.Sync();
  rig.Ask(FlashBegin(0, 0, 0x400, 0x1000));
  EXPECT_EQ(rig.Ask(DataRequest(0x03, 0, Words({0x11221122}))).error, 0);  // XOR is 0 as well
}

TEST(RomLoaderTest, DataBeyondWhatTheRomBelievesInFails) {
  Rig rig;
  rig.Sync();
  rig.Ask(FlashBegin(0, 0, 0x400, 0x3FF000));
  for (std::uint32_t i = 0; i < 4; ++i)
    EXPECT_EQ(rig.Ask(DataRequest(0x03, i, Pattern(0x400))).error, 0);
  EXPECT_EQ(rig.Ask(DataRequest(0x03, 4, Pattern(0x400))).error, 6);
  EXPECT_EQ(rig.board().flash()[0], 0xFF);
}

TEST(RomLoaderTest, SmallerChipThanTheRomBelievesInWraps) {
  BoardOptions options;
  options.flash_size_bytes = kMiB;
  Rig rig(options);
  rig.Sync();
  rig.Ask(FlashBegin(0x1000, 1, 0x400, 0x3FC000), milliseconds(200));
  EXPECT_EQ(rig.Ask(DataRequest(0x03, 0, Words({0x02040005}))).error, 0);
  EXPECT_EQ(rig.board().flash()[0xFC000], 0x05);
}

TEST(RomLoaderTest, SpiParametersChangeWhatTheRomBelievesInUntilReset) {
  Rig rig;
  rig.Sync();
  EXPECT_EQ(rig.Ask({0x0B, Bytes(20)}).error, 5);
  const Bytes one_megabyte = Words({0x1640EF, kMiB, 0x10000, 0x1000, 0x100, 0xFFFF});
  EXPECT_EQ(rig.Ask({0x0B, one_megabyte}).error, 0);
  EXPECT_EQ(rig.Ask(FlashBegin(0x1000, 1, 0x400, kMiB), milliseconds(300)).error, 6);
  rig.Sync();
  EXPECT_EQ(rig.Ask(FlashBegin(0x1000, 1, 0x400, kMiB), milliseconds(300)).error, 0);
}

// --- FLASH_END and what follows. ---

TEST(RomLoaderTest, FlashEndAgreesOnlyWhenPacketsAndBytesAreWhatWasAnnounced) {
  struct EndCase {
    std::uint32_t size;
    std::uint32_t packets;
    std::uint8_t error;
  };
  for (const EndCase& c : {EndCase{0x1000, 4, 0}, EndCase{0x1000, 5, 6}, EndCase{0x2000, 4, 6}}) {
    Rig rig;
    rig.Sync();
    rig.Ask(FlashBegin(c.size, c.packets, 0x400, 0), milliseconds(400));
    for (std::uint32_t i = 0; i < 4; ++i) rig.Ask(DataRequest(0x03, i, Pattern(0x400)));
    ExpectReply(rig.Ask({0x04, Words({1})}), 0x04, c.error);
  }
}

TEST(RomLoaderTest, FlashEndLeavesTheLoaderWhateverItsWordSays) {
  for (const Bytes& data : {Words({0}), Words({1}), Bytes()}) {
    Rig rig;
    rig.Sync();
    rig.Ask(FlashBegin(0, 0, 0x400, 0));
    ExpectReply(rig.Ask({0x04, data}), 0x04, 0);
    EXPECT_TRUE(rig.AskAll({0x08, Bytes(36)}, milliseconds(500)).empty());
  }
}

// --- MEM commands. ---

TEST(RomLoaderTest, CodeIsLoadedIntoRamAndRunsInSilence) {
  Rig rig;
  rig.Sync();
  const Bytes code = Pattern(0x1800);
  EXPECT_EQ(rig.Ask({0x05, Words({0x1900, 2, 0x1800, 0x40108000})}).error, 0);
  EXPECT_EQ(rig.Ask(DataRequest(0x07, 0, code), milliseconds(700)).error, 0);
  EXPECT_EQ(rig.Ask(DataRequest(0x07, 1, ByteSpan(code).first(0x100))).error, 0);
  EXPECT_EQ(rig.ReadRegister(0x40108000), LoadLe32(code, 0));
  EXPECT_EQ(rig.ReadRegister(0x401097FC), LoadLe32(code, 0x17FC));
  EXPECT_EQ(rig.ReadRegister(0x40109800), LoadLe32(code, 0));
  ExpectReply(rig.Ask({0x06, Words({0, 0x40108004})}), 0x06, 0);  // before the jump
  EXPECT_TRUE(rig.AskAll({0x08, Bytes(36)}, milliseconds(1000)).empty());
}

TEST(RomLoaderTest, MemRules) {
  Rig rig;
  rig.Sync();
  EXPECT_EQ(rig.Ask({0x05, Words({0x100, 1, 0x1801, 0x40108000})}).error, 5);
  EXPECT_EQ(rig.Ask({0x05, Words({0x100, 1, 0x100})}).error, 5);
  EXPECT_EQ(rig.Ask({0x05, Words({0x100, 1, 0x100, 0x40108000})}).error, 0);
  EXPECT_EQ(rig.Ask(DataRequest(0x07, 1, Pattern(0x10))).error, 5);
  Request damaged = DataRequest(0x07, 0, Pattern(0x10));
  damaged.checksum ^= 0x80;
  EXPECT_EQ(rig.Ask(damaged).error, 7);
  EXPECT_EQ(rig.Ask(DataRequest(0x07, 0, Pattern(0x10))).error, 5);
  EXPECT_EQ(rig.Ask(DataRequest(0x07, 1, Pattern(0x10))).error, 0);
  EXPECT_EQ(rig.Ask({0x06, Words({1, 0x40108000, 0})}).error, 5);
  EXPECT_EQ(rig.Ask({0x06, {}}).error, 5);
}

TEST(RomLoaderTest, MemEndThatStaysStays) {
  Rig rig;
  rig.Sync();
  EXPECT_EQ(rig.Ask({0x06, Words({1, 0})}).error, 0);
  EXPECT_EQ(rig.ReadRegister(0x40001000), 0xFFF0C101U);
}

}  // namespace
}  // namespace lastgood::sim
