// SPDX-License-Identifier: MIT
// The ESP32 family: its ROM speaks at the console's rate and ends with "entry", not with a csum.
#include <gtest/gtest.h>

#include "health/boot_log.h"
#include "health/boot_watch.h"

namespace lastgood {
namespace {

constexpr std::string_view kBoot =
    "ets Jun  8 2016 00:22:57\r\n\r\n"
    "rst:0x1 (POWERON_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)\r\n"
    "mode:DIO, clock div:2\r\nload:0x3fff0030,len:4728\r\nload:0x40078000,len:14888\r\n";

TEST(FamilyBootTest, EntryHandsOverToTheApplication) {
  const std::string ends = std::string(kBoot) + "entry 0x400805cc\r\n";
  const BootLog log = ReadBootLog(AsBytes(ends));
  ASSERT_EQ(log.attempts.size(), 1U);
  EXPECT_TRUE(log.attempts[0].handed_over());
  EXPECT_FALSE(BootHasFailed(log));
}

TEST(FamilyBootTest, BootWithoutEntryHandsNothingOver) {
  const BootLog log = ReadBootLog(AsBytes(kBoot));
  ASSERT_EQ(log.attempts.size(), 1U);
  EXPECT_FALSE(log.attempts[0].handed_over());
}

TEST(FamilyBootTest, OnlyTheEsp8266SpeaksAtARateOfItsOwn) {
  for (const Chip chip : kChips) EXPECT_EQ(RomTextBaud(chip) == kRomBaud, chip == Chip::kEsp8266);
}

}  // namespace
}  // namespace lastgood
