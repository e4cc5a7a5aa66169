// SPDX-License-Identifier: MIT
#include "flash/identify.h"

#include <gtest/gtest.h>

#include "unit/flash/bench.h"

namespace lastgood {
namespace {

using test::Bench;
using Fault = test::FakeRom::Fault;

TEST(IdentifyTest, ChipMacAndFlashAreRead) {
  Bench bench;
  auto loader = bench.Connect();
  ASSERT_TRUE(loader);
  const auto identity = loader->Identify();
  ASSERT_TRUE(identity) << identity.error().message;
  EXPECT_EQ(identity->chip, Chip::kEsp8266);
  EXPECT_EQ(identity->mac.ToString(), "18:fe:34:ab:cd:ef");
  EXPECT_EQ(identity->flash_id, 0x1640EFU);
  EXPECT_EQ(identity->flash_size_bytes, 4U << 20);
  EXPECT_EQ(bench.rom.requests[0x09], 2);  // all register writes in two requests
}

TEST(IdentifyTest, UnknownFlashHasSizeZero) {
  Bench bench;
  bench.rom.flash_id = 0x4A25BF;
  auto loader = bench.Connect();
  const auto identity = loader->Identify();
  ASSERT_TRUE(identity);
  EXPECT_EQ(identity->flash_id, 0x4A25BFU);
  EXPECT_EQ(identity->flash_size_bytes, 0U);
}

TEST(IdentifyTest, RegistersAreAsTheyWereAfterwards) {
  Bench bench;
  bench.rom.registers[0x6000021C] = 0x80000040;
  bench.rom.registers[0x60000224] = 0x70000003;
  auto loader = bench.Connect();
  ASSERT_TRUE(loader->Identify());
  EXPECT_EQ(bench.rom.registers[0x6000021C], 0x80000040U);
  EXPECT_EQ(bench.rom.registers[0x60000224], 0x70000003U);
}

TEST(IdentifyTest, OtherChipIsNamed) {
  struct Case {
    std::uint32_t magic;
    std::string_view message;
  };
  const Case cases[] = {
      {0xD7B73E80, "the chip on '/dev/fake' is an ESP32-H2"},
      {0x6F51306F, "the chip on '/dev/fake' is an ESP32-C2"},
      {0x12345678,
       "the chip on '/dev/fake' is none that lastgood knows (0x12345678 at 0x40001000)"},
  };
  for (const Case& row : cases) {
    Bench bench;
    bench.rom.registers[0x40001000] = row.magic;
    const auto loader = bench.Connect();
    ASSERT_FALSE(loader);
    EXPECT_EQ(loader.error().code, ExitCode::kBoard);
    EXPECT_EQ(loader.error().message, row.message);
    EXPECT_EQ(loader.error().hint,
              "lastgood provisions ESP8266, ESP32, ESP32-S2, ESP32-S3, ESP32-C3, ESP32-C6; check "
              "which serial port the board has");
    EXPECT_EQ(bench.rom.requests[0x02], 0);  // nothing was done to a foreign chip's flash
  }
}

TEST(IdentifyTest, MacFollowsTheFuses) {
  struct Case {
    std::uint32_t m0, m1, m3;
    std::string_view mac;
  };
  const Case cases[] = {
      {0xEF000000, 0x0200ABCD, 0, "18:fe:34:ab:cd:ef"},
      {0x01FFFFFF, 0x02010203, 0, "ac:d0:74:02:03:01"},
      {0x99000000, 0x02021234, 0x005CCF7F, "5c:cf:7f:12:34:99"},
  };
  for (const Case& row : cases) {
    const auto mac = MacOfEsp8266Fuses(row.m0, row.m1, row.m3);
    ASSERT_TRUE(mac);
    EXPECT_EQ(mac->ToString(), row.mac);
  }
  EXPECT_FALSE(MacOfEsp8266Fuses(0xEF000000, 0x00020000, 0));

  Bench bench;
  bench.rom.registers[0x3FF00054] = 0x00020000;
  auto loader = bench.Connect();
  const auto identity = loader->Identify();
  ASSERT_FALSE(identity);
  EXPECT_EQ(identity.error().code, ExitCode::kBoard);
}

TEST(IdentifyTest, SingleFaultsAreSurvived) {
  const Fault faults[] = {Fault::kLoseRequest,   Fault::kLoseReply,       Fault::kBreakOpcode,
                          Fault::kForeignFrames, Fault::kTextBeforeReply, Fault::kLateReply,
                          Fault::kFailFlash};
  for (const Fault fault : faults) {
    for (const std::uint8_t opcode : std::initializer_list<std::uint8_t>{0x02, 0x09, 0x0A}) {
      for (int at = 0; at < (opcode == 0x0A ? 14 : opcode == 0x09 ? 2 : 1); ++at) {
        Bench bench;
        bench.rom.fault_at = [=](std::uint8_t op, int n) {
          return op == opcode && n == at ? fault : Fault::kNone;
        };
        auto loader = bench.Connect();
        ASSERT_TRUE(loader);
        const auto identity = loader->Identify();
        ASSERT_TRUE(identity) << static_cast<int>(fault) << " at " << at << " of "
                              << static_cast<int>(opcode) << ": " << identity.error().message;
        EXPECT_EQ(identity->mac.ToString(), "18:fe:34:ab:cd:ef");
        EXPECT_EQ(identity->flash_id, 0x1640EFU);
      }
    }
  }
}

TEST(IdentifyTest, MisreadValueIsNotBelieved) {
  // The word of a fuse comes back wrong once: its reply has no checksum.
  for (int at = 0; at < 14; ++at) {
    Bench bench;
    auto loader = bench.Connect();
    ASSERT_TRUE(loader);
    int reads = 0;
    const auto honest = bench.port.on_write;
    bench.port.on_write = [&, honest](ByteSpan octets) {
      Bytes answer = honest(octets);
      if (octets.size() > 2 && octets[2] == 0x0A && reads++ == at) answer[6] ^= 0x10;
      return answer;
    };
    const auto identity = loader->Identify();
    ASSERT_TRUE(identity) << identity.error().message;
    EXPECT_EQ(identity->mac.ToString(), "18:fe:34:ab:cd:ef");
    EXPECT_EQ(identity->flash_id, 0x1640EFU);
  }
}

TEST(IdentifyTest, SilentLoaderIsGivenUp) {
  Bench bench;
  auto loader = bench.Connect();
  ASSERT_TRUE(loader);
  bench.rom.deaf = true;
  const auto identity = loader->Identify();
  ASSERT_FALSE(identity);
  EXPECT_EQ(identity.error().message,
            "cannot read register 0x3ff00050 on '/dev/fake': the loader does not answer");
}

TEST(IdentifyTest, EveryChipOfTheTableIsKnown) {
  EXPECT_EQ(ChipOfMagic(0xFFF0C101)->chip, Chip::kEsp8266);
  EXPECT_EQ(ChipOfMagic(0x000007C6)->title, "ESP32-S2");
  EXPECT_EQ(ChipOfMagic(0x00000009)->chip, Chip::kEsp32S3);
  EXPECT_EQ(ChipOfMagic(0x2CE0806F)->chip, Chip::kEsp32C6);
  EXPECT_EQ(ChipOfMagic(0xD7B73E80)->title, "ESP32-H2");
  EXPECT_FALSE(ChipOfMagic(0xD7B73E80)->chip);
  EXPECT_FALSE(ChipOfMagic(0));
  EXPECT_EQ(ChipOfId(5)->chip, Chip::kEsp32C3);
  EXPECT_EQ(ChipOfId(18)->title, "ESP32-P4");
  EXPECT_FALSE(ChipOfId(99));
  for (const Chip chip : kChips) EXPECT_EQ(RowOf(chip).chip, chip);
}

}  // namespace
}  // namespace lastgood
