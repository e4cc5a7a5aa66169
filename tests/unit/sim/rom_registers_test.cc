// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "board_rig.h"

namespace lastgood::sim {
namespace {

struct MacCase {
  const char* mac;
  std::uint32_t word0, word1, word3;
};

// Section 14, both ways in which a vendor prefix is coded.
TEST(RomRegistersTest, MacAddressIsCodedAsInEfuse) {
  const MacCase cases[] = {
      {"18:fe:34:ab:cd:ef", 0xEF000000, 0x0000ABCD, 0},
      {"ac:d0:74:01:02:03", 0x03000000, 0x00010102, 0},
      {"5c:cf:7f:10:20:30", 0x30000000, 0x00001020, 0x005CCF7F},
  };
  for (const MacCase& c : cases) {
    BoardOptions options;
    options.mac = *ParseMacAddress(c.mac);
    Rig rig(options);
    rig.Sync();
    EXPECT_EQ(rig.ReadRegister(0x3FF00050), c.word0) << c.mac;
    EXPECT_EQ(rig.ReadRegister(0x3FF00054), c.word1) << c.mac;
    EXPECT_EQ(rig.ReadRegister(0x3FF00058), 0U) << c.mac;  // no ESP8285
    EXPECT_EQ(rig.ReadRegister(0x3FF0005C), c.word3) << c.mac;
  }
}

TEST(RomRegistersTest, MaskedBitsStayAndOthersChange) {
  Rig rig;
  rig.Sync();
  rig.Ask({0x09, Words({0x60000300, 0x12345678, 0xFFFFFFFF, 0})});
  rig.Ask({0x09, Words({0x60000300, 0xAAAAAAAA, 0x0000FF00, 0})});
  EXPECT_EQ(rig.ReadRegister(0x60000300), 0x1234AA78U);
  rig.Ask({0x09, Words({0x40001000, 0, 0xFFFFFFFF, 0})});
  EXPECT_EQ(rig.ReadRegister(0x40001000), 0xFFF0C101U);  // ROM
}

TEST(RomRegistersTest, SeveralEntriesAreWrittenAndAnIncompleteOneIsNot) {
  Rig rig;
  rig.Sync();
  Bytes data = Words({0x60000300, 1, 0xFFFFFFFF, 0, 0x60000304, 2, 0xFFFFFFFF, 0});
  Append(data, Words({0x60000308, 3, 0xFFFFFFFF}));
  const auto replies = rig.AskAll({0x09, data});
  ASSERT_EQ(replies.size(), 1U);
  EXPECT_EQ(replies[0].error, 0);
  EXPECT_EQ(rig.ReadRegister(0x60000300), 1U);
  EXPECT_EQ(rig.ReadRegister(0x60000304), 2U);
  EXPECT_EQ(rig.ReadRegister(0x60000308), 0U);
}

TEST(RomRegistersTest, DelayOfAWriteIsInMicrosecondsAndSixteenBits) {
  Rig rig;
  rig.Sync();
  rig.Write(Encode({0x09, Words({0x60000300, 1, 0xFFFFFFFF, 0xFFFF0000 | 50000})}));
  EXPECT_TRUE(rig.serial().Drain());
  EXPECT_TRUE(rig.Listen(milliseconds(49)).empty());
  EXPECT_EQ(Replies(rig.Listen(milliseconds(5))).size(), 1U);
}

TEST(RomRegistersTest, ReadNeedsExactlyAnAddress) {
  Rig rig;
  rig.Sync();
  EXPECT_EQ(rig.Ask({0x0A, {}}).error, 5);
  EXPECT_EQ(rig.Ask({0x0A, Bytes(8)}).error, 5);
}

// Section 8, step by step.
std::uint32_t SpiUserCommand(Rig& rig, std::uint8_t command, std::uint32_t bits,
                             std::uint32_t user = 0x90000000, std::uint32_t address = 0) {
  const auto write = [&](std::uint32_t at, std::uint32_t value) {
    EXPECT_EQ(rig.Ask({0x09, Words({at, value, 0xFFFFFFFF, 0})}).error, 0);
  };
  write(0x60000204, address);
  write(0x60000220, (bits - 1) << 8 | 23U << 26);
  write(0x6000021C, user);
  write(0x60000224, 0x70000000U | command);
  write(0x60000240, 0);
  write(0x60000200, 0x00040000);
  EXPECT_EQ(rig.ReadRegister(0x60000200) & 0x00040000, 0U);
  return rig.ReadRegister(0x60000240);
}

TEST(RomRegistersTest, FlashIdIsReadThroughTheSpiControllerOnceItIsAttached) {
  BoardOptions options;
  options.flash_size_bytes = 1U << 20;
  Rig rig(options);
  rig.Sync();
  EXPECT_EQ(SpiUserCommand(rig, 0x9F, 24) & 0xFFFFFF, 0xFFFFFFU);  // pins not connected yet
  rig.Ask({0x02, Words({0, 0, 0x400, 0})});
  EXPECT_EQ(SpiUserCommand(rig, 0x9F, 24), 0x1440EFU);
}

TEST(RomRegistersTest, GivenFlashIdWins) {
  BoardOptions options;
  options.flash_id = 0x4A25BF;
  Rig rig(options);
  rig.Sync();
  rig.Ask({0x02, Words({0, 0, 0x400, 0})});
  EXPECT_EQ(SpiUserCommand(rig, 0x9F, 24), 0x4A25BFU);
}

TEST(RomRegistersTest, OtherFlashCommandsAnswerAsAChipDoes) {
  Rig rig;
  rig.board().WriteFlash(0x12340, Bytes{0x11, 0x22, 0x33, 0x44, 0x55});
  rig.Sync();
  rig.Ask({0x02, Words({0, 0, 0x400, 0})});
  EXPECT_EQ(SpiUserCommand(rig, 0x05, 8), 0U);            // ready
  EXPECT_EQ(SpiUserCommand(rig, 0x5A, 32), 0x50444653U);  // "SFDP"
  EXPECT_EQ(SpiUserCommand(rig, 0x03, 64, 0xD0000000, 0x01234000), 0x44332211U);
  EXPECT_EQ(rig.ReadRegister(0x60000244), 0xFFFFFF55U);
}

TEST(RomRegistersTest, RegistersForgetAtReset) {
  Rig rig;
  rig.Sync();
  rig.Ask({0x09, Words({0x60000300, 1, 0xFFFFFFFF, 0})});
  rig.Sync();
  EXPECT_EQ(rig.ReadRegister(0x60000300), 0U);
}

}  // namespace
}  // namespace lastgood::sim
