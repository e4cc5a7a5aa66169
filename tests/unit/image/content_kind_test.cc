// SPDX-License-Identifier: MIT
#include "image/content_kind.h"

#include <gtest/gtest.h>

#include "image/esp_image.h"
#include "support/verified.h"

namespace lastgood {
namespace {

using namespace std::string_view_literals;

TEST(ContentKindTest, CommonMistakesAreNamed) {
  struct Case {
    std::string_view content;
    std::string_view description;
  };
  const Case cases[] = {
      {""sv, "an empty file"},
      {"<!DOCTYPE html>\n<html><head><title>Log in</title>"sv, "an HTML page"},
      {"\n\n  <HTML><body>302 Found"sv, "an HTML page"},
      {"<?xml version=\"1.0\"?><Error><Code>NoSuchKey</Code></Error>"sv, "an XML document"},
      {"{\"message\": \"Not Found\"}"sv, "a JSON document"},
      {"404: Not Found"sv, "text"},
      {"\r\n \r\n"sv, "blank text"},
      {"\x1f\x8b\x08\x00\x00\x00"sv, "a gzip file"},
      {"PK\x03\x04\x0a\x00"sv, "a zip archive"},
      {"\x7f"
       "ELF\x01\x01\x01"sv,
       "an ELF file"},
      {"\xff\xff\xff\xff\xff\xff"sv, "blank flash (all FF)"},
      {"\0\0\0\0"sv, "zeros"},
      {"\xaa\x50\x01\x02\x00\x90"sv, "an ESP partition table"},
      {"\xea\x04\x00\x01\x04\x00\x10\x40"sv,
       "an ESP8266 user image, which a boot loader at 0x0 starts"},
      {"\x05\x08\x04\x02\x05\x05\x05\x02"sv, "an ESP8266 init data block"},
      {":10000000E9030000"sv, "an Intel HEX file"},
      {"\x12\x01\x02\x80\x90"sv, "unknown data"},
  };
  for (const Case& row : cases) {
    SCOPED_TRACE(row.description);
    EXPECT_EQ(DescribeContent(AsBytes(row.content)), row.description);
    const auto parsed = ParseEspImage(test::AsVerified(ToBytes(row.content)), Chip::kEsp32C3);
    ASSERT_FALSE(parsed);
    EXPECT_EQ(parsed.error().message,
              "not an ESP32-C3 image: it looks like " + std::string(row.description));
  }
}

Bytes Esp32Header(std::uint16_t chip_id) {
  Bytes out = {0xE9, 3, 2, 0x20, 0xCC, 0x05, 0x08, 0x40, 0xEE, 0, 0, 0};
  AppendLe16(out, chip_id);
  out.resize(23, 0);
  out.push_back(1);  // digest appended
  AppendLe32(out, 0x3FFF0030);
  AppendLe32(out, 16);
  out.resize(128, 0);
  return out;
}

TEST(ContentKindTest, FamilyMembersAreToldByTheirChipId) {
  EXPECT_EQ(Esp32FamilyChip(Esp32Header(0)), "ESP32");
  EXPECT_EQ(Esp32FamilyChip(Esp32Header(5)), "ESP32-C3");
  EXPECT_EQ(Esp32FamilyChip(Esp32Header(9)), "ESP32-S3");
  EXPECT_EQ(Esp32FamilyChip(Esp32Header(777)), "");
  Bytes first_segment_of_an_esp8266 = Esp32Header(0);
  first_segment_of_an_esp8266[8] = 0;
  first_segment_of_an_esp8266[10] = 0x10;
  first_segment_of_an_esp8266[11] = 0x40;
  EXPECT_EQ(Esp32FamilyChip(first_segment_of_an_esp8266), "");
  EXPECT_EQ(Esp32FamilyChip(Bytes{0xE9, 1}), "");
}

TEST(ContentKindTest, ImageForAnotherChipIsRefusedByName) {
  const auto parsed = ParseEspImage(test::AsVerified(Esp32Header(5)), Chip::kEsp8266);
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().message, "not an ESP8266 image: it is built for the ESP32-C3");
  EXPECT_EQ(parsed.error().hint, "choose the firmware file for the ESP8266");
}

}  // namespace
}  // namespace lastgood
