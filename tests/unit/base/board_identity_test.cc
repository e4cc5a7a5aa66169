// SPDX-License-Identifier: MIT
#include "base/board_identity.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace lastgood {
namespace {

constexpr std::uint32_t kKilobyte = 1024;
constexpr std::uint32_t kMegabyte = 1024 * kKilobyte;

TEST(Chip, NameIsReadBack) {
  EXPECT_EQ(ParseChip(ChipName(Chip::kEsp8266)), Chip::kEsp8266);
  EXPECT_EQ(ChipTitle(Chip::kEsp8266), "ESP8266");
}

TEST(Chip, OtherNamesAreUnknown) {
  for (const char* name : {"", "ESP8266", "esp32-c3", "esp8266 ", "esp826", "esp32h2"})
    EXPECT_EQ(ParseChip(name), std::nullopt) << name;
}

TEST(Chip, EveryNameIsReadBack) {
  for (const Chip chip : kChips) EXPECT_EQ(ParseChip(ChipName(chip)), chip) << ChipName(chip);
}

TEST(Chip, AnEsp8285IsCalledWhatItIs) {
  BoardIdentity board;
  EXPECT_EQ(board.Title(), "ESP8266");
  board.embedded_flash = true;
  EXPECT_EQ(board.Title(), "ESP8285");
  board.chip = Chip::kEsp32C3;
  EXPECT_EQ(board.Title(), "ESP32-C3");
}

TEST(MacAddress, IsReadBackAndPrintedInLowerCase) {
  const auto mac = ParseMacAddress("18:FE:34:ab:0c:00");
  ASSERT_TRUE(mac);
  EXPECT_EQ(mac->octets, (std::array<std::uint8_t, 6>{0x18, 0xFE, 0x34, 0xAB, 0x0C, 0x00}));
  EXPECT_EQ(mac->ToString(), "18:fe:34:ab:0c:00");
  EXPECT_EQ(ParseMacAddress(mac->ToString()), mac);
}

TEST(MacAddress, OnlySixPairsOfHexDigitsAreOne) {
  for (const char* text :
       {"", "18:fe:34:ab:cd", "18:fe:34:ab:cd:e", "18:fe:34:ab:cd:ef:", "18-fe-34-ab-cd-ef",
        "18fe34abcdef", "18:fe:34:ab:cd:eg", " 8:fe:34:ab:cd:ef", "18: e:34:ab:cd:ef",
        "18:+e:34:ab:cd:ef", "18:-1:34:ab:cd:ef", "0x:fe:34:ab:cd:ef", "1:8fe:34:ab:cd:ef",
        "18:fe:34:ab:cd ef", "18:fe:34:ab:cd:ef "}) {
    EXPECT_EQ(ParseMacAddress(text), std::nullopt) << text;
  }
}

TEST(MacAddress, AreOrderedByOctets) {
  EXPECT_LT(*ParseMacAddress("18:fe:34:00:00:01"), *ParseMacAddress("18:fe:34:00:01:00"));
}

// The table of the protocol reference, section 8.
TEST(FlashSizeOfId, FollowsTheCapacityCode) {
  const std::pair<std::uint32_t, std::uint32_t> cases[] = {
      {0x12, 256 * kKilobyte}, {0x13, 512 * kKilobyte}, {0x14, 1 * kMegabyte},
      {0x15, 2 * kMegabyte},   {0x16, 4 * kMegabyte},   {0x17, 8 * kMegabyte},
      {0x18, 16 * kMegabyte},  {0x19, 32 * kMegabyte},  {0x1A, 64 * kMegabyte},
      {0x1B, 128 * kMegabyte}, {0x1C, 256 * kMegabyte}, {0x20, 64 * kMegabyte},
      {0x21, 128 * kMegabyte}, {0x22, 256 * kMegabyte}, {0x32, 256 * kKilobyte},
      {0x33, 512 * kKilobyte}, {0x34, 1 * kMegabyte},   {0x35, 2 * kMegabyte},
      {0x36, 4 * kMegabyte},   {0x37, 8 * kMegabyte},   {0x38, 16 * kMegabyte},
      {0x39, 32 * kMegabyte},  {0x3A, 64 * kMegabyte},
  };
  for (const auto& [code, size] : cases)
    EXPECT_EQ(FlashSizeOfId(code << 16 | 0x40EF), size) << std::hex << code;
}

TEST(FlashSizeOfId, OfAdestoLiesInTheSecondOctet) {
  const std::pair<std::uint32_t, std::uint32_t> cases[] = {
      {0x00841F, 512 * kKilobyte}, {0x01851F, 1 * kMegabyte}, {0x00461F, 2 * kMegabyte},
      {0x01471F, 4 * kMegabyte},   {0x01481F, 8 * kMegabyte}, {0x00491F, 16 * kMegabyte},
  };
  for (const auto& [id, size] : cases) EXPECT_EQ(FlashSizeOfId(id), size) << std::hex << id;
  EXPECT_EQ(FlashSizeOfId(0x00031F), std::nullopt);
  EXPECT_EQ(FlashSizeOfId(0x000A1F), std::nullopt);
}

// A line that is stuck reads as all zeros or all ones; a size is never guessed.
TEST(FlashSizeOfId, UnknownIdsHaveNoSize) {
  for (const std::uint32_t id : {0x000000U, 0xFFFFFFU, 0xFFFF3FU, 0x4A25BFU, 0x1140EFU, 0x1D40EFU,
                                 0x2340EFU, 0x3140EFU, 0x3B40EFU, 0xFF40EFU}) {
    EXPECT_EQ(FlashSizeOfId(id), std::nullopt) << std::hex << id;
  }
}

}  // namespace
}  // namespace lastgood
