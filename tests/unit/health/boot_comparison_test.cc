// SPDX-License-Identifier: MIT
#include "health/boot_comparison.h"

#include <gtest/gtest.h>

#include "image/esp_image.h"
#include "support/shared_input.h"
#include "support/temporary_directory.h"
#include "support/verified.h"

namespace lastgood::test {
namespace {

const ExpectedBoot kExpected = {{{0x40100000, 1000}, {0x3ffe8000, 200}}, 0x17};

BootComparison Compare(std::string_view heard) {
  return CompareBoot(ReadBootLog(AsBytes(heard)), kExpected);
}

constexpr std::string_view kReset = "ets Jan  8 2013,rst cause:2, boot mode:(3,6)\n";
constexpr std::string_view kGood =
    "load 0x40100000, len 1000, room 16\nchksum 0x01\nload 0x3ffe8000, len 200, room 8\n"
    "chksum 0x17\ncsum 0x17\n";

TEST(BootComparison, TheSameImageIsTheSame) {
  const BootComparison same = Compare(std::string(kReset) + std::string(kGood));
  EXPECT_EQ(same.match, BootMatch::kSame);
  EXPECT_EQ(same.text, "");
  EXPECT_EQ(Compare("rst:0x1 (POWERON_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)\n"
                    "load:0x40100000,len:1000\nload:0x3ffe8000,len:0xc8\nentry 0x40100004\n")
                .match,
            BootMatch::kSame);
}

TEST(BootComparison, OtherSegmentsAreAnotherImage) {
  const BootComparison other = Compare(std::string(kReset) +
                                       "load 0x40100000, len 1000, room 16\n"
                                       "load 0x3ffe8000, len 204, room 8\n");
  EXPECT_EQ(other.match, BootMatch::kOtherImage);
  EXPECT_EQ(other.text,
            "what starts is not the image that was written: segment 2 is 204 octets at 0x3ffe8000, "
            "written was 200 octets at 0x3ffe8000");
  EXPECT_EQ(Compare(std::string(kReset) + "load 0x40100000, len 1000, room 16\nload 0x3ffe8000, "
                                          "len 200, room 8\nload 0x3ffe8400, len 8, room 8\n")
                .text,
            "what starts is not the image that was written: segment 3 is 8 octets at 0x3ffe8400, "
            "written was 2 segments in all");
}

TEST(BootComparison, OtherSumsAndEmptySegmentsAreMisread) {
  const BootComparison sum =
      Compare(std::string(kReset) +
              "load 0x40100000, len 1000, room 16\nload 0x3ffe8000, len 200, room 8\n"
              "chksum 0x55\ncsum 0x17\ncsum err\n");
  EXPECT_EQ(sum.match, BootMatch::kReadsWrongly);
  EXPECT_EQ(sum.text, "the image reads back wrongly: its checksum is 0x55, written was 0x17");
  EXPECT_EQ(Compare(std::string(kReset) +
                    "load 0x40100000, len 1000, room 16\nload 0x00000000, len 0, room 0\n")
                .match,
            BootMatch::kReadsWrongly);
}

TEST(BootComparison, WhatWasNotSeenIsNotJudged) {
  EXPECT_EQ(Compare("").match, BootMatch::kUnknown);
  EXPECT_EQ(Compare(">>> ").match, BootMatch::kUnknown);
  const std::string cut = std::string(kReset) + "load 0x40100000, len 1000, room 16\n";
  EXPECT_EQ(Compare(cut).match, BootMatch::kUnknown);
  EXPECT_EQ(Compare(cut + "csum 0x17\n").match, BootMatch::kUnknown);
  EXPECT_EQ(Compare(std::string(kReset) + std::string(kGood) + cut).match, BootMatch::kSame);
}

ExpectedBoot FirstStageOf(const std::filesystem::path& path) {
  const std::string file = ReadText(path);
  const auto image = ParseEspImage(AsVerified(Bytes(file.begin(), file.end())), Chip::kEsp8266);
  EXPECT_TRUE(image) << (image ? "" : image.error().message);
  ExpectedBoot expected;
  if (!image) return expected;
  for (const ImageSegment& segment : image->segments)
    if (segment.load_address != 0)
      expected.segments.push_back({segment.load_address, segment.size_bytes});
  expected.checksum = image->checksum;
  return expected;
}

TEST(BootComparison, RealTranscriptsMatchRealImages) {
  const auto log_file = SharedInput("bootlogs/01-esp8266-mpy-v1.8.7-16MB-size-bootloop.txt");
  const auto image = SharedInput("firmware/esp8266-20170108-v1.8.7.bin");
  const auto older = SharedInput("firmware/esp8266-20161110-v1.8.6.bin");
  if (!log_file || !image || !older) return;
  const BootLog log = ReadBootLog(AsBytes(ReadText(*log_file)));
  EXPECT_EQ(CompareBoot(log, FirstStageOf(*image)).match, BootMatch::kSame);
  EXPECT_EQ(CompareBoot(log, FirstStageOf(*older)).match, BootMatch::kOtherImage);
  ExpectedBoot damaged = FirstStageOf(*image);
  damaged.checksum ^= 0x40;
  EXPECT_EQ(CompareBoot(log, damaged).match, BootMatch::kReadsWrongly);
}

}  // namespace
}  // namespace lastgood::test
