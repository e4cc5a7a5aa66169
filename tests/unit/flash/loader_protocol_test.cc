// SPDX-License-Identifier: MIT
#include "flash/loader_protocol.h"

#include <gtest/gtest.h>

#include <array>

namespace lastgood {
namespace {

TEST(LoaderProtocolTest, SyncIsAsDocumented) {
  const Bytes sync = SyncRequest().Encode();
  Bytes expected = {0, 0x08, 36, 0, 0, 0, 0, 0, 0x07, 0x07, 0x12, 0x20};
  expected.resize(8 + 36, 0x55);
  EXPECT_EQ(sync, expected);
}

TEST(LoaderProtocolTest, RequestsAreLaidOutInLittleEndianWords) {
  EXPECT_EQ(ReadRegisterRequest(0x3FF00050).Encode(),
            (Bytes{0, 0x0A, 4, 0, 0, 0, 0, 0, 0x50, 0x00, 0xF0, 0x3F}));
  EXPECT_EQ(
      FlashBeginRequest(0x11000, 3, 0x1000, 0x2000).Encode(),
      (Bytes{0, 2, 16, 0, 0, 0, 0, 0, 0, 0x10, 1, 0, 3, 0, 0, 0, 0, 0x10, 0, 0, 0, 0x20, 0, 0}));
  const std::array<RegisterWrite, 2> writes = {
      {{0x60000220, 0x1700}, {0x60000200, 0x40000, 0x0F, 9}}};
  const Bytes write = WriteRegistersRequest(writes).Encode();
  EXPECT_EQ(write.size(), 8U + 32U);
  EXPECT_EQ(write[1], 9);
  EXPECT_EQ(LoadLe32(write, 8), 0x60000220U);
  EXPECT_EQ(LoadLe32(write, 12), 0x1700U);
  EXPECT_EQ(LoadLe32(write, 16), 0xFFFFFFFFU);
  EXPECT_EQ(LoadLe32(write, 20), 0U);
  EXPECT_EQ(LoadLe32(write, 32), 0x0FU);
  EXPECT_EQ(LoadLe32(write, 36), 9U);
}

TEST(LoaderProtocolTest, ChecksumCoversTheDataAndNotTheirHeader) {
  const Bytes data = FlashDataRequest(Bytes{0x01, 0x02, 0x04, 0x08}, 5).Encode();
  ASSERT_EQ(data.size(), 8U + 16U + 4U);
  EXPECT_EQ(data[1], 3);
  EXPECT_EQ(LoadLe16(data, 2), 20);
  EXPECT_EQ(LoadLe32(data, 4), 0xEFU ^ 0x0FU);
  EXPECT_EQ(LoadLe32(data, 8), 4U);
  EXPECT_EQ(LoadLe32(data, 12), 5U);
  EXPECT_EQ(LoadLe32(data, 16), 0U);
  EXPECT_EQ(LoadLe32(data, 20), 0U);
}

TEST(LoaderProtocolTest, RepliesAreReadFromEveryKindOfLoader) {
  const auto rom = ParseReply(Bytes{1, 0x0A, 2, 0, 0x01, 0xC1, 0xF0, 0xFF, 0, 0});
  ASSERT_TRUE(rom);
  EXPECT_EQ(rom->opcode, 0x0A);
  EXPECT_EQ(rom->value, 0xFFF0C101U);
  EXPECT_FALSE(rom->failed);
  const auto later_chip = ParseReply(Bytes{1, 8, 4, 0, 7, 7, 0x12, 0x20, 0, 0, 0, 0});
  ASSERT_TRUE(later_chip);
  EXPECT_EQ(later_chip->value, kSyncEcho);
  const auto failed = ParseReply(Bytes{1, 3, 2, 0, 0, 0, 0, 0, 1, 7});
  ASSERT_TRUE(failed);
  EXPECT_TRUE(failed->failed);
  EXPECT_EQ(failed->error, 7);
}

TEST(LoaderProtocolTest, PayloadAndStatusAreFoundByWhatTheLoaderAnswers) {
  const auto reply_of = [](std::uint8_t opcode, std::size_t payload, Bytes status) {
    Bytes frame = {1, opcode, 0, 0, 0, 0, 0, 0};
    for (std::size_t i = 0; i < payload; ++i) frame.push_back(static_cast<std::uint8_t>(0x40 + i));
    Append(frame, status);
    frame[2] = static_cast<std::uint8_t>(frame.size() - 8);
    return ParseReply(frame);
  };
  struct Case {
    std::uint8_t opcode;
    std::size_t payload;
    Bytes status;
    std::size_t expected_payload;
    bool failed;
    int error;
  };
  const Case cases[] = {
      {0x13, 32, {0, 0, 0, 0}, 32, false, 0}, {0x13, 16, {0, 0}, 16, false, 0},
      {0x13, 0, {1, 6, 0, 0}, 0, true, 6},    {0x13, 0, {0xC4, 0}, 0, true, 0xC4},
      {0x14, 20, {0, 0, 0, 0}, 20, false, 0}, {0x14, 12, {0, 0, 0, 0}, 12, false, 0},
      {0x14, 20, {0, 0}, 20, false, 0},       {0x14, 12, {0, 0}, 12, false, 0},
      {0x14, 0, {0xFF, 0}, 0, true, 0xFF},    {0x14, 0, {1, 5}, 0, true, 5},
      {0x0E, 64, {0, 0, 0, 0}, 64, false, 0}, {0x0E, 0, {1, 9, 0, 0}, 0, true, 9},
      {0x11, 0, {0xC1, 0}, 0, true, 0xC1},    {0x11, 0, {0, 0}, 0, false, 0},
  };
  for (const Case& row : cases) {
    SCOPED_TRACE(testing::Message() << static_cast<int>(row.opcode) << " with " << row.payload
                                    << " and " << row.status.size());
    const auto reply = reply_of(row.opcode, row.payload, row.status);
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->payload.size(), row.expected_payload);
    EXPECT_EQ(reply->failed, row.failed);
    EXPECT_EQ(reply->error, row.error);
  }
}

TEST(LoaderProtocolTest, WhatIsNoReplyIsNotRead) {
  const Bytes good = {1, 3, 2, 0, 0, 0, 0, 0, 0, 0};
  ASSERT_TRUE(ParseReply(good));
  EXPECT_FALSE(ParseReply(Bytes{}));
  EXPECT_FALSE(ParseReply(ByteSpan(good).first(9)));
  Bytes longer = good;
  longer.push_back(0);
  EXPECT_FALSE(ParseReply(longer));
  Bytes request = good;
  request[0] = 0;
  EXPECT_FALSE(ParseReply(request));
  EXPECT_TRUE(LooksLikeRequest(request));
  EXPECT_TRUE(LooksLikeRequest(SyncRequest().Encode()));
  EXPECT_FALSE(LooksLikeRequest(good));
  EXPECT_FALSE(LooksLikeRequest(Bytes{0, 0, 0}));
}

TEST(LoaderProtocolTest, AnswerIsMatchedByOpcodeExceptForTheRomsMalformedRequestQuirk) {
  LoaderReply reply;
  reply.opcode = 0x0A;
  EXPECT_TRUE(reply.Answers(LoaderOpcode::kReadRegister));
  EXPECT_FALSE(reply.Answers(LoaderOpcode::kFlashData));
  reply.failed = true;
  reply.error = 7;
  EXPECT_FALSE(reply.Answers(LoaderOpcode::kFlashData));
  reply.error = 5;
  EXPECT_TRUE(reply.Answers(LoaderOpcode::kFlashData));
}

TEST(LoaderProtocolTest, ErrorsHaveWordsAndNumbers) {
  EXPECT_EQ(DescribeLoaderError(7), "checksum mismatch (error 7)");
  EXPECT_EQ(DescribeLoaderError(6), "the flash did not do it (error 6)");
  EXPECT_EQ(DescribeLoaderError(0xC1), "checksum mismatch (error 0xc1)");
  EXPECT_EQ(DescribeLoaderError(0xFF), "unknown command (error 0xff)");
  EXPECT_EQ(DescribeLoaderError(0x77), "unknown (error 0x77)");
}

}  // namespace
}  // namespace lastgood
