// SPDX-License-Identifier: MIT
#include "sim/boot_log.h"

#include <gtest/gtest.h>

#include <string>

#include "support/shared_input.h"
#include "support/temporary_directory.h"
#include "synthetic_image.h"

namespace lastgood::sim {
namespace {

TEST(BootLogTest, ResetLineNamesCauseAndStraps) {
  EXPECT_EQ(ResetLine(kCausePowerOn, Straps::kFlash),
            "\n ets Jan  8 2013,rst cause:1, boot mode:(3,6)\n\n");
  EXPECT_EQ(ResetLine(kCauseResetPin, Straps::kDownload),
            "\n ets Jan  8 2013,rst cause:2, boot mode:(1,6)\n\n");
  EXPECT_EQ(ResetLine(kCauseWatchdog, Straps::kFlash),
            "\n ets Jan  8 2013,rst cause:4, boot mode:(3,6)\n\nwdt reset\n");
}

// The log of a real board with this image (bootlogs/01).
TEST(BootLogTest, RealMicropythonImageGivesTheLogOfARealBoard) {
  const auto path = test::SharedInput("firmware/esp8266-20170108-v1.8.7.bin");
  if (!path) return;
  const RomLoad load = LoadImage(test::ReadAll(*path), 0);
  EXPECT_TRUE(load.loaded);
  EXPECT_EQ(load.text,
            "load 0x40100000, len 32028, room 16 \ntail 12\nchksum 0x40\n"
            "ho 0 tail 12 room 4\n"
            "load 0x3ffe8000, len 1092, room 12 \ntail 8\nchksum 0x17\n"
            "load 0x3ffe8450, len 3000, room 0 \ntail 8\nchksum 0x56\n"
            "csum 0x56\n");
}

// bootlogs/14.
TEST(BootLogTest, RealAtImageGivesTheLogOfARealBoard) {
  const auto path = test::SharedInput("firmware/pimoroni-at-esp8266-firmware-latest.bin");
  if (!path) return;
  const RomLoad load = LoadImage(test::ReadAll(*path), 0);
  EXPECT_TRUE(load.loaded);
  EXPECT_EQ(load.end, 0xCA0U);
  EXPECT_EQ(load.text,
            "load 0x40100000, len 1856, room 16 \ntail 0\nchksum 0x63\n"
            "load 0x3ffe8000, len 776, room 8 \ntail 0\nchksum 0x02\n"
            "load 0x3ffe8310, len 552, room 8 \ntail 0\nchksum 0x79\n"
            "csum 0x79\n");
}

TEST(BootLogTest, SecondSegmentWithoutDataReadsAsOnARealBoard) {  // bootlogs/06
  Bytes image = V1Image({{0x40100000, Bytes(31320, 0x00)}, {0, {}}, {0, {}}});
  image.back() = 0x00;
  EXPECT_EQ(LoadImage(image, 0).text,
            "load 0x40100000, len 31320, room 16 \ntail 8\nchksum 0xef\n"
            "load 0x00000000, len 0, room 0 \ntail 0\nchksum 0xef\n"
            "load 0x00000000, len 0, room 8 \ntail 0\nchksum 0xef\n"
            "csum 0xef\ncsum err\nets_main.c \n");
}

struct StopCase {
  const char* why;
  Bytes flash;
  const char* text;
};

TEST(BootLogTest, WhatCannotBeLoadedStopsWithTheSourceName) {
  Bytes too_long = V1Image({{0x40100000, Bytes(64, 0x11)}});
  too_long[12] = 0xFF;
  too_long[15] = 0x7F;
  Bytes too_many = V1Image({{0x40100000, Bytes(64, 0x11)}});
  too_many[1] = 17;
  Bytes flipped = V1Image({{0x40100000, Bytes(64, 0x11)}});
  flipped[20] ^= 0x20;
  const StopCase cases[] = {
      {"blank flash", Bytes(4096, 0xFF), "ets_main.c \n"},
      {"nothing at all", {}, "ets_main.c \n"},
      {"v2 magic", V1Image({{0x40100000, Bytes(64, 0x11)}}, 0x40, 0xEA), "ets_main.c \n"},
      {"too many segments", too_many, "ets_main.c \n"},
      {"segment beyond the flash", too_long,
       "load 0x40100000, len 2130706687, room 16 \ntail 15\nets_main.c \n"},
      {"flipped bit", flipped,
       "load 0x40100000, len 64, room 16 \ntail 0\nchksum 0xcf\n"
       "csum 0xcf\ncsum err\nets_main.c \n"},
  };
  for (const StopCase& c : cases) {
    const RomLoad load = LoadImage(c.flash, 0);
    EXPECT_FALSE(load.loaded) << c.why;
    EXPECT_EQ(load.text, c.text) << c.why;
  }
}

TEST(BootLogTest, ImageCutAtAnyLengthIsNeverLoadedNorReadBeyondItsEnd) {
  const Bytes image = V1Image({{0x40100000, Bytes(40, 0x11)}, {0x3ffe8000, Bytes(12, 0x22)}});
  EXPECT_TRUE(LoadImage(image, 0).loaded);
  for (std::size_t length = 0; length < image.size(); ++length)
    EXPECT_FALSE(LoadImage(ByteSpan(image).first(length), 0).loaded) << length;
}

TEST(BootLogTest, ImageAtAnOffsetIsLoadedFromThere) {
  Bytes flash(0x1000, 0xFF);
  Append(flash, V1Image({{0x40100000, Bytes(16, 0x01)}}));
  const RomLoad load = LoadImage(flash, 0x1000);
  EXPECT_TRUE(load.loaded);
  EXPECT_EQ(load.end, flash.size());
}

}  // namespace
}  // namespace lastgood::sim
