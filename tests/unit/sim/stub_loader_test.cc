// SPDX-License-Identifier: MIT
// Both generations of stub loaders through the wire, in bytes as sections 5.3, 5.4, 9 and 10 of the
// protocol reference have them. The stubs are synthetic: what counts is where they start.
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "base/digest_value.h"
#include "board_rig.h"
#include "digest/digest.h"

namespace lastgood::sim {
namespace {

constexpr std::uint32_t kSector = 0x1000;
constexpr std::uint32_t kEntries[] = {0x4010D004, 0x4010C504};  // of generations 1 and 2

Bytes Pattern(std::size_t size, unsigned step = 7) {
  Bytes data(size);
  for (std::size_t i = 0; i < size; ++i)
    data[i] = static_cast<std::uint8_t>(i * step + i / 256 + 1);
  return data;
}

// Puts a program into RAM, runs it and returns what it says.
Bytes RunProgram(Rig& rig, std::uint32_t entry) {
  const std::uint32_t start = entry - 4;
  EXPECT_EQ(rig.Ask({0x05, Words({16, 1, 0x1800, start})}).status, 0);
  EXPECT_EQ(rig.Ask(DataRequest(0x07, 0, Pattern(16))).status, 0);
  rig.Write(Encode({0x06, Words({0, entry})}));
  return rig.Listen(milliseconds(100));
}

// A board whose stub listens.
class StubRig : public Rig {
 public:
  explicit StubRig(int generation, std::uint32_t baud = 115200, const BoardOptions& options = {})
      : Rig(options) {
    Sync(baud);
    const std::vector<Bytes> frames = Frames(RunProgram(*this, kEntries[generation - 1]));
    EXPECT_EQ(frames.size(), 2U);
    EXPECT_EQ(frames.back(), ToBytes("OHAI"));
  }

  std::uint8_t StatusOf(const Request& request, milliseconds patience = milliseconds(100)) {
    return Ask(request, patience).status;
  }
  std::uint8_t Begin(std::uint32_t size, std::uint32_t offset, bool compressed = false) {
    return StatusOf(
        {compressed ? std::uint8_t{0x10} : std::uint8_t{0x02}, Words({size, 1, 0x4000, offset})});
  }
  std::uint8_t Send(ByteSpan block, std::uint32_t sequence = 0, bool compressed = false) {
    const std::uint8_t opcode = compressed ? 0x11 : 0x03;
    return StatusOf(DataRequest(opcode, sequence, block), milliseconds(3000));
  }
  std::uint8_t End(std::uint32_t stay = 1) { return StatusOf({0x04, Words({stay})}); }
  Bytes FlashAt(std::size_t offset, std::size_t size) {
    const ByteSpan content = board().flash().subspan(offset, size);
    return Bytes(content.begin(), content.end());
  }
};

// A zlib stream of stored blocks (RFC 1950, 1951).
Bytes Stored(ByteSpan content) {
  Bytes out = {0x78, 0x01};
  std::uint32_t a = 1;
  std::uint32_t b = 0;
  for (const std::uint8_t octet : content) {
    a = (a + octet) % 65521;
    b = (b + a) % 65521;
  }
  for (ByteSpan rest = content; !rest.empty();) {
    const auto size = static_cast<std::uint16_t>(std::min<std::size_t>(rest.size(), 0x3000));
    out.push_back(size == rest.size() ? 1 : 0);
    AppendLe16(out, size);
    AppendLe16(out, static_cast<std::uint16_t>(~size));
    Append(out, rest.first(size));
    rest = rest.subspan(size);
  }
  for (const std::uint32_t half : {b, a}) {
    out.push_back(static_cast<std::uint8_t>(half >> 8));
    out.push_back(static_cast<std::uint8_t>(half));
  }
  return out;
}

Bytes Md5Octets(ByteSpan data) {
  const Md5Digest digest = Md5(data);
  return Bytes(digest.octets.begin(), digest.octets.end());
}

// --- Starting. ---

TEST(StubLoaderTest, KnownEntryGreetsBehindTheRomsAnswer) {
  for (const std::uint32_t entry : kEntries) {
    Rig rig;
    rig.Sync();
    const Bytes heard = RunProgram(rig, entry);
    const Bytes greeting = {0xC0, 'O', 'H', 'A', 'I', 0xC0};
    ASSERT_EQ(heard.size(), 12 + greeting.size());
    EXPECT_TRUE(std::equal(greeting.begin(), greeting.end(), heard.begin() + 12));
  }
}

TEST(StubLoaderTest, UnknownProgramAndFaultySideStaySilent) {
  Rig unknown;
  unknown.Sync();
  EXPECT_EQ(Frames(RunProgram(unknown, 0x40108004)).size(), 1U);
  BoardOptions options;
  options.faults = {{"no-stub", 1}};
  Rig faulty(options);
  faulty.Sync();
  EXPECT_EQ(Frames(RunProgram(faulty, kEntries[1])).size(), 1U);
}

// --- Answers. ---

TEST(StubLoaderTest, SyncIsAnsweredEightTimesWithValueZero) {
  for (const int generation : {1, 2}) {
    StubRig rig(generation);
    rig.ReadRegister(0x40001000);  // no value is left over from it
    rig.Write(SyncFrame());
    const Bytes one = {0xC0, 0x01, 0x08, 0x02, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xC0};
    Bytes expected;
    for (int i = 0; i < 8; ++i) Append(expected, one);
    EXPECT_EQ(rig.Listen(milliseconds(100)), expected) << generation;
  }
}

TEST(StubLoaderTest, EachGenerationRefusesInItsOwnWords) {
  const Bytes block(16, 0x21);
  const struct {
    const char* what;
    Request request;
    std::uint8_t first;
    std::uint8_t second;
  } kCases[] = {
      {"unknown opcode", {0x55, {}}, 0xFF, 0xC3},
      {"security info", {0x14, {}}, 0xFF, 0xFF},
      {"sync of another length", {0x08, Bytes(35, 0x55)}, 0xC0, 0xC0},
      {"direction is not looked at", {0x0A, Words({0x40001000}), 0, 1}, 0x00, 0xC3},
      {"data outside a transfer", DataRequest(0x03, 0, block), 0xC6, 0xC6},
      {"compressed data outside a transfer", DataRequest(0x11, 0, block), 0xC6, 0xC6},
      {"end outside a transfer", {0x04, Words({1})}, 0xC6, 0xC6},
      {"block too large", {0x02, Words({16, 1, 0x4001, 0})}, 0xC2, 0x00},
      {"begin with an encryption flag", {0x02, Words({16, 1, 0x4000, 0, 0})}, 0x01, 0x00},
      {"erase from within a sector", {0xD1, Words({0x10, kSector})}, 0x01, 0xC0},
      {"erase a part of a sector", {0xD1, Words({0, 0x10})}, 0x01, 0xC0},
      {"digest of two words", {0x13, Words({0, 16})}, 0x01, 0xC0},
      {"read register without address", {0x0A, {}}, 0xC0, 0xC0},
      {"half a register entry", {0x09, Words({0x60000200, 0})}, 0xC0, 0xC8},
      {"speed without the old one", {0x0F, Words({230400})}, 0xC0, 0xC0},
  };
  for (const auto& row : kCases) {
    for (const int generation : {1, 2}) {
      StubRig rig(generation);
      const auto replies = rig.AskAll(row.request);
      ASSERT_EQ(replies.size(), 1U) << row.what << generation;
      EXPECT_EQ(replies[0].status, generation == 1 ? row.first : row.second)
          << row.what << generation;
      EXPECT_EQ(replies[0].opcode, row.request.opcode) << row.what;
      EXPECT_EQ(rig.AskAll({0x08, Bytes(36)}).size(), 8U) << row.what;  // it goes on
    }
  }
}

TEST(StubLoaderTest, FrameThatDisagreesWithItsLengthIsRefusedByTheSecondGeneration) {
  StubRig rig(2);
  rig.Write(Escaped(Bytes{0x00, 0x0A, 0x05, 0x00, 0, 0, 0, 0, 0x00, 0x10, 0x00, 0x40}));
  const auto replies = Replies(rig.Listen(milliseconds(100)));
  ASSERT_EQ(replies.size(), 1U);
  EXPECT_EQ(replies[0].status, 0xC0);
}

// --- Writing. ---

TEST(StubLoaderTest, LastBlockIsTrimmedAndSequenceNumbersAreIgnored) {
  for (const int generation : {1, 2}) {
    StubRig rig(generation);
    rig.board().WriteFlash(0, Bytes(3 * kSector, 0x00));
    const Bytes image = Pattern(kSector + 0x100);
    Bytes padded = image;
    padded.resize(2 * kSector, 0xFF);
    ASSERT_EQ(rig.Begin(kSector + 0x100, 0), 0);
    EXPECT_EQ(rig.Send(ByteSpan(padded).first(kSector), 77), 0);
    EXPECT_EQ(rig.Send(ByteSpan(padded).subspan(kSector), 77), 0);
    EXPECT_EQ(rig.End(), 0);
    EXPECT_EQ(rig.FlashAt(0, image.size()), image);
    EXPECT_EQ(rig.FlashAt(image.size(), 0xF00), Bytes(0xF00, 0xFF));
    EXPECT_EQ(rig.FlashAt(2 * kSector, kSector), Bytes(kSector, 0x00));
  }
}

TEST(StubLoaderTest, RepeatedBlockIsWrittenTwice) {
  for (const int generation : {1, 2}) {
    StubRig rig(generation);
    const Bytes block = Pattern(0x400);
    ASSERT_EQ(rig.Begin(0x800, 0), 0);
    EXPECT_EQ(rig.Send(block, 0), 0);
    EXPECT_EQ(rig.Send(block, 0), 0);
    EXPECT_EQ(rig.End(), 0);
    EXPECT_EQ(rig.FlashAt(0x400, 0x400), block);
  }
}

TEST(StubLoaderTest, BlockWithAWrongChecksumIsNotWrittenAndMayComeAgain) {
  for (const int generation : {1, 2}) {
    StubRig rig(generation);
    Request request = DataRequest(0x03, 0, Pattern(0x400));
    request.checksum ^= 1;
    ASSERT_EQ(rig.Begin(0x400, 0), 0);
    EXPECT_EQ(rig.StatusOf(request), 0xC1);
    EXPECT_EQ(rig.FlashAt(0, 0x400), Bytes(0x400, 0xFF));
    request.checksum ^= 1;
    EXPECT_EQ(rig.StatusOf(request), 0);
    EXPECT_EQ(rig.End(), 0);
    EXPECT_EQ(rig.FlashAt(0, 0x400), Pattern(0x400));
  }
}

TEST(StubLoaderTest, AnswerComesBeforeTheFlashIsWritten) {
  for (const int generation : {1, 2}) {
    StubRig rig(generation);
    rig.board().WriteFlash(0, Bytes(kSector, 0x00));
    ASSERT_EQ(rig.Begin(0x400, 0), 0);
    EXPECT_EQ(rig.StatusOf(DataRequest(0x03, 0, Pattern(0x400)), milliseconds(5)), 0);
    EXPECT_EQ(rig.FlashAt(0, 0x400), Bytes(0x400, 0x00));
    EXPECT_EQ(rig.End(), 0);  // waits for it
    EXPECT_EQ(rig.FlashAt(0, 0x400), Pattern(0x400));
  }
}

TEST(StubLoaderTest, CompressedImageIsDigestedAsSixteenRawOctets) {
  for (const int generation : {1, 2}) {
    StubRig rig(generation);
    const Bytes image = Pattern(0x9000, 13);
    const Bytes stream = Stored(image);
    ASSERT_EQ(rig.Begin(0x9000, kSector, true), 0);
    for (std::size_t at = 0; at < stream.size(); at += 0x4000) {
      const ByteSpan rest = ByteSpan(stream).subspan(at);
      const auto sequence = static_cast<std::uint32_t>(at / 0x4000);
      EXPECT_EQ(rig.Send(rest.first(std::min<std::size_t>(rest.size(), 0x4000)), sequence, true),
                0);
    }
    EXPECT_EQ(rig.StatusOf({0x12, Words({1})}), 0);
    rig.Write(Encode({0x13, Words({kSector, 0x9000, 0, 0})}));
    const auto frames = Frames(rig.Listen(milliseconds(300)));
    ASSERT_EQ(frames.size(), 1U);
    Bytes expected = {0x01, 0x13, 0x12, 0x00, 0, 0, 0, 0};
    Append(expected, Md5Octets(image));
    Append(expected, Bytes{0, 0});
    EXPECT_EQ(frames[0], expected) << generation;
    EXPECT_EQ(rig.board().statistics().digest_octets, 0x9000U);
  }
}

TEST(StubLoaderTest, CompressedImageIsInTheFlashOnlyWhenItsAdler32HasCome) {
  StubRig rig(1);
  const Bytes stream = Stored(Pattern(kSector));
  ASSERT_EQ(rig.Begin(kSector, 0, true), 0);
  EXPECT_EQ(rig.Send(ByteSpan(stream).first(stream.size() - 4), 0, true), 0);
  EXPECT_EQ(rig.FlashAt(0, kSector), Bytes(kSector, 0xFF));
  EXPECT_EQ(rig.StatusOf({0x12, Words({1})}), 0xC8);
  EXPECT_EQ(rig.Send(ByteSpan(stream).last(4), 1, true), 0);
  EXPECT_EQ(rig.StatusOf({0x12, Words({1})}), 0);
  EXPECT_EQ(rig.FlashAt(0, kSector), Pattern(kSector));
}

// 32 KiB fill the buffer to the brim: the content is written before the Adler-32 comes.
TEST(StubLoaderTest, LoneAdler32BehindAFullBufferIsRefusedByTheSecondGeneration) {
  for (const int generation : {1, 2}) {
    StubRig rig(generation);
    const Bytes stream = Stored(Pattern(0x8000));
    ASSERT_EQ(rig.Begin(0x8000, 0, true), 0);
    EXPECT_EQ(rig.Send(ByteSpan(stream).first(0x4000), 0, true), 0);
    EXPECT_EQ(rig.Send(ByteSpan(stream).subspan(0x4000, stream.size() - 4 - 0x4000), 1, true), 0);
    EXPECT_EQ(rig.Send(ByteSpan(stream).last(4), 2, true), generation == 1 ? 0 : 0xC9);
    EXPECT_EQ(rig.StatusOf({0x12, Words({1})}), 0);
    EXPECT_EQ(rig.FlashAt(0, 0x8000), Pattern(0x8000));
  }
}

// --- Deferred errors. ---

TEST(StubLoaderTest, FirstGenerationTellsOfAFailureWithEveryBlockUntilBegin) {
  StubRig rig(1);
  const Bytes broken(64, 0x55);
  ASSERT_EQ(rig.Begin(kSector, 0, true), 0);
  EXPECT_EQ(rig.Send(broken, 0, true), 0);
  EXPECT_EQ(rig.StatusOf({0x0A, Words({0x40001000})}), 0);  // not where no data are concerned
  EXPECT_EQ(rig.Send(broken, 1, true), 0xC7);
  EXPECT_EQ(rig.Send(broken, 2, true), 0xC7);
  EXPECT_EQ(rig.End(), 0xC8);
  ASSERT_EQ(rig.Begin(0x400, 0), 0);
  EXPECT_EQ(rig.Send(Pattern(0x400)), 0);
  EXPECT_EQ(rig.End(), 0);
}

TEST(StubLoaderTest, SecondGenerationAnswersTheNextCommandWithItInsteadOfDoingIt) {
  StubRig rig(2);
  rig.board().WriteFlash(0x10000, Bytes(kSector, 0x00));
  ASSERT_EQ(rig.Begin(kSector, 0, true), 0);
  EXPECT_EQ(rig.Send(Bytes(64, 0x55), 0, true), 0);
  EXPECT_EQ(rig.StatusOf({0xD1, Words({0x10000, kSector})}), 0xC7);
  EXPECT_EQ(rig.FlashAt(0x10000, kSector), Bytes(kSector, 0x00));
  EXPECT_EQ(rig.StatusOf({0xD1, Words({0x10000, kSector})}, milliseconds(200)), 0);
  EXPECT_EQ(rig.FlashAt(0x10000, kSector), Bytes(kSector, 0xFF));
}

// --- Leaving. ---

TEST(StubLoaderTest, EndWithDataMissingLeavesTheTransferOpen) {
  for (const int generation : {1, 2}) {
    StubRig rig(generation);
    ASSERT_EQ(rig.Begin(0x800, 0), 0);
    EXPECT_EQ(rig.Send(Pattern(0x400)), 0);
    EXPECT_EQ(rig.End(0), generation == 1 ? 0xC8 : 0xC0);
    EXPECT_EQ(rig.Send(Pattern(0x400)), 0);
    EXPECT_EQ(rig.End(), 0);
    EXPECT_EQ(rig.End(), 0xC6);
  }
}

TEST(StubLoaderTest, OnlyTheFirstGenerationRebootsAtTheEnd) {
  for (const int generation : {1, 2}) {
    StubRig rig(generation);
    ASSERT_EQ(rig.Begin(0x400, 0), 0);
    EXPECT_EQ(rig.Send(Pattern(0x400)), 0);
    EXPECT_EQ(rig.End(0), 0);
    rig.Listen(milliseconds(200));
    EXPECT_EQ(rig.AskAll({0x08, Bytes(36)}).size(), generation == 1 ? 0U : 8U);
  }
}

TEST(StubLoaderTest, RunUserCodeHasNoAnswerAndTheSecondGenerationStays) {
  for (const int generation : {1, 2}) {
    StubRig rig(generation);
    EXPECT_TRUE(rig.AskAll({0xD3, {}}).empty());
    EXPECT_EQ(rig.AskAll({0x08, Bytes(36)}).size(), generation == 1 ? 0U : 8U);
  }
}

// --- Erasing. ---

TEST(StubLoaderTest, SecondGenerationSkipsWhatIsBlankUpToTheFirstSectorThatIsNot) {
  for (const int generation : {1, 2}) {
    StubRig rig(generation);
    rig.board().WriteFlash(2 * kSector, Bytes(1, 0x00));
    ASSERT_EQ(rig.Begin(4 * kSector, 0), 0);
    EXPECT_EQ(rig.Send(Pattern(0x4000)), 0);
    EXPECT_EQ(rig.End(), 0);
    const auto statistics = rig.board().statistics();
    EXPECT_EQ(statistics.sectors_erased, generation == 1 ? 4U : 2U);
    EXPECT_EQ(statistics.blocks_erased, 0U);
    EXPECT_EQ(statistics.pages_programmed, 64U);
    EXPECT_EQ(statistics.bytes_programmed, 0x4000U);
  }
}

TEST(StubLoaderTest, RegionIsErasedInSectorsAndBlocksAndAnsweredWhenDone) {
  for (const int generation : {1, 2}) {
    StubRig rig(generation);
    rig.board().WriteFlash(0, Bytes(0x30000, 0x00));
    const Request request{0xD1, Words({0xF000, 0x12000})};
    EXPECT_EQ(rig.StatusOf(request, milliseconds(200)), 0xFF);  // 45 + 200 + 45 ms
    EXPECT_EQ(Replies(rig.Listen(milliseconds(200))).size(), 1U);
    EXPECT_EQ(rig.FlashAt(0xE000, kSector), Bytes(kSector, 0x00));
    EXPECT_EQ(rig.FlashAt(0xF000, 0x12000), Bytes(0x12000, 0xFF));
    EXPECT_EQ(rig.FlashAt(0x21000, kSector), Bytes(kSector, 0x00));
    EXPECT_EQ(rig.board().statistics().blocks_erased, 1U);
    EXPECT_EQ(rig.board().statistics().sectors_erased, 18U);
  }
}

// --- Reading. ---

TEST(StubLoaderTest, WindowIsInOctetsForTheFirstGenerationAndOnePacketForTheSecond) {
  const struct {
    int generation;
    std::uint32_t window;
    std::size_t packets_at_once;
  } kCases[] = {{1, 64, 1}, {1, 0x2000, 2}, {1, 0x10000, 3}, {2, 64, 1}, {2, 0x10000, 1}};
  for (const auto& row : kCases) {
    StubRig rig(row.generation);
    const Bytes content = Pattern(3 * kSector);
    rig.board().WriteFlash(0x5000, content);
    rig.Write(Encode({0xD2, Words({0x5000, 3 * kSector, kSector, row.window})}));
    auto frames = Frames(rig.Listen(milliseconds(2000)));
    ASSERT_EQ(frames.size(), 1 + row.packets_at_once) << row.generation << ' ' << row.window;
    Bytes read;
    std::vector<Bytes> packets(frames.begin() + 1, frames.end());
    while (read.size() < content.size() && !packets.empty()) {
      Bytes acknowledgement;
      for (const Bytes& packet : packets) Append(read, packet);
      AppendLe32(acknowledgement, static_cast<std::uint32_t>(read.size()));
      rig.Write(Escaped(acknowledgement));
      packets = Frames(rig.Listen(milliseconds(2000)));
    }
    EXPECT_EQ(read, content);
    ASSERT_EQ(packets.size(), 1U);
    EXPECT_EQ(packets[0], Md5Octets(content));
    EXPECT_EQ(rig.AskAll({0x08, Bytes(36)}).size(), 8U);
  }
}

// --- Speed. ---

TEST(StubLoaderTest, SpeedChangesBehindTheAnswerFromWhatEachTakesForTheOldOne) {
  const struct {
    int generation;
    std::uint32_t now;
    std::uint32_t wanted;
    std::uint32_t old;
    std::uint32_t live;
  } kCases[] = {{1, 115200, 460800, 115200, 460800}, {1, 57600, 230400, 57600, 230400},
                {1, 115200, 230400, 57600, 460800},  {2, 115200, 460800, 115200, 460800},
                {2, 57600, 230400, 57600, 115200},   {2, 115200, 230400, 57600, 230400}};
  for (const auto& row : kCases) {
    StubRig rig(row.generation, row.now);
    EXPECT_EQ(rig.StatusOf({0x0F, Words({row.wanted, row.old})}), 0);
    EXPECT_TRUE(rig.AskAll({0x08, Bytes(36)}).empty());
    rig.SetBaud(row.live);
    rig.Write(Bytes{0xC0, 0xC0});
    rig.Listen(milliseconds(10));
    EXPECT_EQ(rig.AskAll({0x08, Bytes(36)}).size(), 8U) << row.generation << ' ' << row.now;
  }
}

}  // namespace
}  // namespace lastgood::sim
