// SPDX-License-Identifier: MIT
// Real firmware against a table that another program made of it (images.tsv).
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>

#include "digest/digest.h"
#include "image/esp_image.h"
#include "support/shared_input.h"
#include "support/temporary_directory.h"
#include "support/verified.h"

namespace lastgood {
namespace {

using Row = std::map<std::string, std::string>;

std::vector<std::string> Split(const std::string& line, char separator) {
  std::vector<std::string> fields;
  std::istringstream in(line);
  for (std::string field; std::getline(in, field, separator);) fields.push_back(field);
  return fields;
}

std::vector<Row> ReadTable(const std::filesystem::path& path) {
  std::vector<Row> rows;
  std::ifstream in(path);
  std::string line;
  std::getline(in, line);
  const std::vector<std::string> names = Split(line, '\t');
  while (std::getline(in, line)) {
    const std::vector<std::string> fields = Split(line, '\t');
    Row row;
    for (std::size_t i = 0; i < names.size(); ++i)
      row[names[i]] = i < fields.size() ? fields[i] : std::string();
    rows.push_back(row);
  }
  return rows;
}

// Everything that is no firmware image is looked at as if for the ESP8266.
Chip ChipOf(const Row& row) {
  const std::string& notes = row.at("notes");
  if (notes.find("chip_id 0 ") != std::string::npos) return Chip::kEsp32;
  if (notes.find("chip_id 5 ") != std::string::npos) return Chip::kEsp32C3;
  return Chip::kEsp8266;
}

// "segs 40100000+7d1c,3ffe8000+444,…": the table's own reading of the segments.
std::string SegmentsOf(const EspImage& image) {
  std::string text = "segs ";
  for (const ImageSegment& segment : image.segments) {
    text += fmt::format("{}{:08x}+{:x}", text == "segs " ? "" : ",", segment.load_address,
                        segment.size_bytes);
  }
  return text;
}

void ExpectAsTheTableSays(const Row& row, const EspImage& image) {
  EXPECT_EQ(std::to_string(image.segments.size()), row.at("segments"));
  EXPECT_EQ(fmt::format("0x{:02x}", image.mode), row.at("flash_mode").substr(0, 4));
  EXPECT_EQ(fmt::format("0x{:x}{:x}", image.size_nibble, image.frequency_nibble),
            row.at("flash_size_freq").substr(0, 4));
  EXPECT_EQ(fmt::format("0x{:08x}", image.entry), row.at("entry"));
  EXPECT_EQ(fmt::format("0x{:08x}", image.segments.front().load_address), row.at("first_load"));
  EXPECT_EQ(fmt::format("OK 0x{:02x}", image.checksum), row.at("checksum").substr(0, 7));
  EXPECT_NE(row.at("notes").find(SegmentsOf(image)), std::string::npos) << SegmentsOf(image);
  EXPECT_EQ(image.has_micropython_trailer,
            row.at("notes").find("mpy md5 footer") != std::string::npos);
  const std::string& versions = row.at("versions");
  const bool micropython = versions.find("MicroPython v") != std::string::npos;
  const bool at = versions.find("AT version:") != std::string::npos;
  EXPECT_EQ(image.family, micropython ? FirmwareFamily::kMicropython
                          : at        ? FirmwareFamily::kAt
                                      : FirmwareFamily::kUnknown);
  if (micropython) {
    EXPECT_NE(versions.find("MicroPython " + image.version + " on "), std::string::npos)
        << image.version;
  } else if (!image.app) {
    EXPECT_EQ(image.version, "");
  } else {
    EXPECT_NE(versions.find(image.version), std::string::npos) << image.version;
  }
  EXPECT_EQ(image.digest_at.has_value(), IsEsp32Family(image.chip));
}

TEST(RealImagesTest, EveryFileIsReadAsTheTableSaysOrRefusedWithAReason) {
  const auto table = test::SharedInput("firmware/images.tsv");
  if (!table) return;
  int parsed_count = 0;
  int refused_count = 0;
  for (const Row& row : ReadTable(*table)) {
    const std::string& file = row.at("file");
    SCOPED_TRACE(file);
    const auto path = test::SharedInput("firmware/" + file);
    ASSERT_TRUE(path);
    Bytes bytes = test::ReadAll(*path);
    EXPECT_EQ(Sha256(bytes).ToHex(), row.at("sha256"));
    const auto image = ParseEspImage(test::AsVerified(std::move(bytes)), ChipOf(row));
    const bool packed = file.size() > 3 && file.substr(file.size() - 3) == ".gz";
    if (row.at("magic") != "0xE9" || packed) {
      ++refused_count;
      ASSERT_FALSE(image);
      EXPECT_EQ(image.error().code, ExitCode::kNotTrusted);
      const std::string expected = packed                            ? "a gzip file"
                                   : file.find("blank") != file.npos ? "blank flash"
                                   : file.find("init_data") != file.npos
                                       ? "an ESP8266 init data block"
                                       : "an ESP partition table";
      EXPECT_NE(image.error().message.find(expected), std::string::npos) << image.error().message;
      continue;
    }
    ++parsed_count;
    ASSERT_TRUE(image) << image.error().message;
    ExpectAsTheTableSays(row, *image);
  }
  EXPECT_EQ(parsed_count, 15);
  EXPECT_EQ(refused_count, 5);
}

TEST(RealImagesTest, InitDataIsWrittenByMicropythonFrom186On) {
  const std::pair<std::string_view, bool> expectations[] = {
      {"esp8266-2016-07-23-v1.8.2-39-g2dd21d9.bin", false},
      {"esp8266-20161110-v1.8.6.bin", true},
      {"esp8266-20170108-v1.8.7.bin", true},
      {"esp8266-20171101-v1.9.3.bin", true},
      {"ESP8266_GENERIC-20240105-v1.22.1.bin", true},
      {"ESP8266_GENERIC-FLASH_1M-20240105-v1.22.1.bin", true},
      {"pimoroni-at-esp8266-firmware-latest.bin", false},
      {"nonos-v3.0.6-boot_v1.7.bin", false},
  };
  for (const auto& row : expectations) {
    SCOPED_TRACE(row.first);
    const auto path = test::SharedInput("firmware/" + std::string(row.first));
    if (!path) return;
    const auto image = ParseEspImage(test::AsVerified(test::ReadAll(*path)), Chip::kEsp8266);
    ASSERT_TRUE(image) << image.error().message;
    EXPECT_EQ(image->writes_init_data, row.second);
  }
}

TEST(RealImagesTest, DamageAnywhereInARealMicropythonIsFound) {
  const auto path = test::SharedInput("firmware/esp8266-20170108-v1.8.7.bin");
  if (!path) return;
  const Bytes good = test::ReadAll(*path);
  for (std::size_t at = 4; at < good.size(); at += 9973) {
    Bytes bytes = good;
    bytes[at] ^= 0x20;
    EXPECT_FALSE(ParseEspImage(test::AsVerified(bytes), Chip::kEsp8266)) << at;
  }
  for (const std::size_t missing : {std::size_t{1}, std::size_t{4096}, good.size() / 2}) {
    Bytes bytes = good;
    bytes.resize(good.size() - missing);
    EXPECT_FALSE(ParseEspImage(test::AsVerified(bytes), Chip::kEsp8266)) << missing;
  }
}

TEST(RealImagesTest, PatchingTheFlashSizeKeepsARealTrailerValid) {
  const auto path = test::SharedInput("firmware/ESP8266_GENERIC-20240105-v1.22.1.bin");
  if (!path) return;
  const auto verified = test::AsVerified(test::ReadAll(*path));
  const auto made = FlashableImage::Make(
      verified, 0, {std::nullopt, std::nullopt, std::uint32_t{4U << 20}}, Chip::kEsp8266);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->bytes()[3], 0x40);
  const auto again = ParseEspImage(
      test::AsVerified(Bytes(made->bytes().begin(), made->bytes().end())), Chip::kEsp8266);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_TRUE(again->has_micropython_trailer);
  EXPECT_EQ(again->version, "v1.22.1");
}

TEST(RealImagesTest, MergedMicropythonForTheEsp32BringsItsPartitionsAlong) {
  const auto path = test::SharedInput("firmware/ESP32_GENERIC-v1.22.2.bin");
  if (!path) return;
  const auto image = ParseEspImage(test::AsVerified(test::ReadAll(*path)), Chip::kEsp32);
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_EQ(image->size_bytes, 0x5A20U);
  EXPECT_EQ(image->HeaderFlashSize(), 4U << 20);
  ASSERT_EQ(image->partitions.size(), 4U);
  EXPECT_EQ(image->partitions[2].label, "factory");
  EXPECT_EQ(image->partitions[3].end(), 4U << 20);
  ASSERT_TRUE(image->app);
  EXPECT_EQ(image->app->framework_version, "v5.0.4");
}

TEST(RealImagesTest, PatchingTheBootLoaderOfAMergedFileRedoesItsDigestWhereItIs) {
  const auto path = test::SharedInput("firmware/ESP32_GENERIC-v1.22.2.bin");
  if (!path) return;
  const Bytes original = test::ReadAll(*path);
  const auto made = FlashableImage::Make(test::AsVerified(original), 0x1000,
                                         {FlashMode::kQio, std::nullopt, 16U << 20}, Chip::kEsp32);
  ASSERT_TRUE(made) << made.error().message;
  const ByteSpan patched = made->bytes();
  ASSERT_EQ(patched.size(), original.size());
  for (std::size_t i = 0; i < original.size(); ++i) {
    const bool may_differ = i == 2 || i == 3 || (i >= 0x5A00 && i < 0x5A20);
    ASSERT_TRUE(may_differ || patched[i] == original[i]) << i;
  }
  EXPECT_EQ(patched[2], 0);
  EXPECT_EQ(patched[3], 0x40);
  EXPECT_TRUE(ParseEspImage(test::AsVerified(Bytes(patched.begin(), patched.end())), Chip::kEsp32));
}

TEST(RealImagesTest, UserImageOfTheAtFirmwareIsReadWithItsCrc) {
  const auto path = test::SharedInput("firmware/pimoroni-at-esp8266-firmware-latest.bin");
  if (!path) return;
  const auto file = test::AsVerified(test::ReadAll(*path));
  const auto image = ParseEspImage(file, Chip::kEsp8266, 0x1000);
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_TRUE(image->is_user_image);
  EXPECT_EQ(image->segments.size(), 4U);
  EXPECT_EQ(image->segments[0].size_bytes, 0x59440U);
  EXPECT_EQ(image->size_bytes, 0x65764U - 0x1000);
  EXPECT_EQ(image->family, FirmwareFamily::kAt);
}

}  // namespace
}  // namespace lastgood
