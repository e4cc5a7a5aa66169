// SPDX-License-Identifier: MIT
#include "import/foreign_manifest.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "support/shared_input.h"
#include "support/temporary_directory.h"

namespace lastgood {
namespace {

Result<ForeignManifest> Parse(std::string_view text, std::optional<Chip> chip = {}) {
  return ParseForeignManifest(text, "file", chip);
}

std::string Refusal(std::string_view text, ExitCode code = ExitCode::kInvalidManifest,
                    std::optional<Chip> chip = {}) {
  const auto parsed = Parse(text, chip);
  if (parsed) return "accepted";
  EXPECT_EQ(parsed.error().code, code);
  return parsed.error().message + (parsed.error().hint.empty() ? "" : "; " + parsed.error().hint);
}

std::string PartsOf(const ForeignManifest& manifest) {
  std::string text;
  for (const ForeignPart& part : manifest.parts)
    text += fmt::format("{}{:x} {}", text.empty() ? "" : ", ", part.offset, part.path);
  return text;
}

TEST(EspWebTools, BuildIsReadWithOffsetsAsNumbersOrText) {
  const auto parsed = Parse(R"({"name": "Lamp", "version": "1.2", "builds": [
      {"chipFamily": "ESP32-C3", "parts": [
        {"path": "app.bin", "offset": "0x10000"}, {"path": "./boot/loader.bin", "offset": 0},
        {"path": "table.bin", "offset": "32768"}, {"path": "data.bin", "offset": 2097152.0}]}]})");
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(parsed->origin, "an ESP Web Tools manifest");
  EXPECT_EQ(parsed->chip, Chip::kEsp32C3);
  EXPECT_EQ(parsed->name, "Lamp");
  EXPECT_EQ(parsed->version, "1.2");
  EXPECT_EQ(parsed->flash_size, "");
  EXPECT_EQ(PartsOf(*parsed), "0 boot/loader.bin, 8000 table.bin, 10000 app.bin, 200000 data.bin");
}

constexpr std::string_view kTwoBuilds = R"({"name": "Lamp", "builds": [
    {"chipFamily": "ESP32", "parts": [{"path": "a.bin", "offset": 4096}]},
    {"chipFamily": "ESP8266", "parts": [{"path": "b.bin", "offset": 32.768}]}]})";

TEST(EspWebTools, SeveralBuildsNeedAChoiceAndOnlyTheChosenOneIsRead) {
  EXPECT_EQ(Refusal(kTwoBuilds, ExitCode::kUsage),
            "'file' has builds for ESP32, ESP8266; choose one with --chip");
  EXPECT_EQ(Refusal(kTwoBuilds, ExitCode::kUsage, Chip::kEsp32C6),
            "'file' has no build for the ESP32-C6; it has: ESP32, ESP8266");
  const auto parsed = Parse(kTwoBuilds, Chip::kEsp32);
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(PartsOf(*parsed), "1000 a.bin");
  EXPECT_EQ(Refusal(kTwoBuilds, ExitCode::kInvalidManifest, Chip::kEsp8266),
            "'file' puts 'b.bin' at 32.768, which is no whole number of bytes; 32768 (0x8000) was "
            "probably meant; correct the file");
}

std::string OnePart(std::string_view path, std::string_view offset) {
  return fmt::format(
      R"({{"builds": [{{"chipFamily": "ESP32", "parts": [{{"path": "{}", "offset": {}}}]}}]}})",
      path, offset);
}

TEST(EspWebTools, WhatCanNotBeMeantIsRefused) {
  const std::pair<std::string, std::string_view> cases[] = {
      {OnePart("a.bin", "1.5"),
       "'file' puts 'a.bin' at 1.5, which is no whole number of bytes; correct the file"},
      {OnePart("a.bin", "-4096"),
       "'file' puts 'a.bin' at -4096, which is no whole number of bytes; correct the file"},
      {OnePart("a.bin", "4097"),
       "'file' puts 'a.bin' at 0x1001, which is not a multiple of 4096 (a flash sector)"},
      {OnePart("a.bin", "16777216"), "'file' puts 'a.bin' at 16777216, behind 16 MiB of flash"},
      {OnePart("a.bin", "1e300"), "'file' puts 'a.bin' at 1e+300, behind 16 MiB of flash"},
      {OnePart("a.bin", "\"0xzz\""), "'file' puts 'a.bin' at '0xzz', which is no number"},
      {OnePart("a.bin", "null"), "'file' needs a number as offset of 'a.bin', not null"},
      {OnePart("../a.bin", "0"),
       "'file' names '../a.bin', a path that leaves its directory; put the file beside it and "
       "write its path from there"},
      {OnePart("x/../../a.bin", "0"),
       "'file' names 'x/../../a.bin', a path that leaves its directory; put the file beside it and "
       "write its path from there"},
      {OnePart("/etc/a.bin", "0"),
       "'file' names '/etc/a.bin', an absolute path; put the file beside it and write its path "
       "from there"},
      {OnePart("C:/a.bin", "0"),
       "'file' names 'C:/a.bin', an absolute path; put the file beside it and write its path from "
       "there"},
      {OnePart("", "0"), "'file' has a part without a path"},
      {R"({"builds": []})", "'file' has no builds"},
      {R"({"builds": [{"chipFamily": "ESP32"}]})", "'file' has no parts for the ESP32"},
      {R"({"builds": [{"chipFamily": "ESP32", "parts": []}]})", "'file' names no file to flash"},
      {R"({"builds": [{"chipFamily": "ESP32", "parts": [{"path": "a"}]}]})",
       "'file' gives no offset for 'a'"},
      {R"({"builds": [{"chipFamily": "ESP32-P4", "parts": []}]})",
       "'file' is for the chip 'ESP32-P4', which lastgood does not know; known: esp8266, esp32, "
       "esp32s2, esp32s3, esp32c3, esp32c6"},
  };
  for (const auto& [text, message] : cases) EXPECT_EQ(Refusal(text), message);
}

constexpr std::string_view kArgs = R"({
    "write_flash_args": ["--flash_mode", "dio"],
    "flash_settings": {"flash_mode": "dio", "flash_size": "4MB", "flash_freq": "40m"},
    "flash_files": {"0x10000": "app.bin", "0x1000": "bootloader/bootloader.bin"},
    "app": {"offset": "0x10000", "file": "app.bin", "encrypted": "false"},
    "extra_esptool_args": {"after": "hard_reset", "stub": true, "chip": "esp32s2"}})";

TEST(FlasherArgs, KeysAreReadWithDashesOrUnderscores) {
  std::string dashes(kArgs);
  for (const char* key : {"flash_mode", "flash_size", "flash_freq", "flash_settings", "flash_files",
                          "extra_esptool_args"}) {
    const std::string from = fmt::format("\"{}\"", key);
    std::string to = from;
    for (char& c : to) c = c == '_' ? '-' : c;
    dashes.replace(dashes.find(from), from.size(), to);
  }
  for (const std::string& text : {std::string(kArgs), dashes}) {
    const auto parsed = Parse(text);
    ASSERT_TRUE(parsed) << parsed.error().message;
    EXPECT_EQ(parsed->origin, "ESP-IDF's flasher_args.json");
    EXPECT_EQ(parsed->chip, Chip::kEsp32S2);
    EXPECT_EQ(parsed->flash_size, "4MB");
    EXPECT_EQ(parsed->flash_mode, "dio");
    EXPECT_EQ(parsed->flash_frequency, "40m");
    EXPECT_EQ(PartsOf(*parsed), "1000 bootloader/bootloader.bin, 10000 app.bin");
  }
}

std::string Replaced(std::string_view from, std::string_view to) {
  std::string text(kArgs);
  text.replace(text.find(from), from.size(), to);
  return text;
}

TEST(FlasherArgs, WhatCanNotBeMeantIsRefused) {
  const std::pair<std::string, std::string_view> cases[] = {
      {Replaced("\"false\"", "\"true\""),
       "'file' wants 'app' encrypted, which lastgood does not do; chips with flash encryption are "
       "left alone"},
      {Replaced("\"4MB\"", "\"2MB-c1\""),
       "'file' sets flash_size to '2MB-c1', which lastgood does not know"},
      {Replaced("{\"flash_mode\": \"dio\"", "{\"flash_mode\": \"opi\""),
       "'file' sets flash_mode to 'opi', which lastgood does not know"},
      {Replaced("esp32s2", "esp32p4"),
       "'file' is for the chip 'esp32p4', which lastgood does not know; known: esp8266, esp32, "
       "esp32s2, esp32s3, esp32c3, esp32c6"},
      {Replaced("\"0x1000\"", "\"0x010000\""),
       "'file' 'app.bin' and 'bootloader/bootloader.bin' "
       "both go to 0x10000"},
      {Replaced("\"0x1000\"", "\"boot\""),
       "'file' puts 'bootloader/bootloader.bin' at 'boot', which is no number"},
      {Replaced("\"app.bin\"", "7"), "'file' needs a path for 0x10000, not an integer"},
      {Replaced("bootloader/", "../"),
       "'file' names '../bootloader.bin', a path that leaves its directory; put the file beside it "
       "and write its path from there"},
  };
  for (const auto& [text, message] : cases) EXPECT_EQ(Refusal(text), message);
  EXPECT_EQ(Refusal(kArgs, ExitCode::kUsage, Chip::kEsp32),
            "'file' is for the ESP32-S2, not for the ESP32");
}

TEST(DownloadConfig, OptionsAndPairsAreRead) {
  for (const std::string_view text :
       {"--flash_mode dout --flash_freq 80m --flash_size 1MB 0x8000 t/table.bin 0x0 boot.bin",
        "--baud 921600 --before=default-reset write_flash -z --flash-mode=dout --flash-freq 80m\n"
        "--flash-size 1MB\r\n0x0 boot.bin\n32768 ./t/table.bin\n"}) {
    const auto parsed = Parse(text);
    ASSERT_TRUE(parsed) << parsed.error().message;
    EXPECT_EQ(parsed->origin, "Espressif's download.config");
    EXPECT_EQ(parsed->chip, std::nullopt);
    EXPECT_EQ(parsed->flash_size, "1MB");
    EXPECT_EQ(parsed->flash_mode, "dout");
    EXPECT_EQ(parsed->flash_frequency, "80m");
    EXPECT_EQ(PartsOf(*parsed), "0 boot.bin, 8000 t/table.bin");
  }
  EXPECT_EQ(Parse("--chip esp32c6 0x0 boot.bin")->chip, Chip::kEsp32C6);
}

TEST(DownloadConfig, WhatCanNotBeMeantIsRefused) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"--flash_mode dio 0x0", "'file' ends behind '0x0'"},
      {"0x0 a.bin --flash_mode", "'file' ends behind 'flash_mode'"},
      {"0x0 a.bin b.bin 0x1000", "'file' has 'b.bin' where an offset should be"},
      {"--flash_mode 0x0 a.bin", "'file' sets flash_mode to '0x0', which lastgood does not know"},
      {"--encrypt 0x0 a.bin",
       "'file' wants encrypted files, which lastgood does not do; chips with "
       "flash encryption are left alone"},
      {"--erase-all 0x0 a.bin", "'file' has an option that is not known: 'erase-all'"},
      {"0x0 /tmp/a.bin",
       "'file' names '/tmp/a.bin', an absolute path; put the file beside it and "
       "write its path from there"},
  };
  for (const auto& [text, message] : cases) EXPECT_EQ(Refusal(text), message);
}

TEST(ForeignManifestTest, AnythingElseIsRefusedWithWhatIsKnown) {
  for (const std::string_view text :
       {"", "hello world", "{}", "[1, 2]", "schema = 1\nname = \"x\"\noffset = 0x0\n",
        "<!DOCTYPE html> 0x0"}) {
    EXPECT_EQ(Refusal(text),
              "'file' is nothing that can be imported; known: an ESP Web Tools manifest, ESP-IDF's "
              "flasher_args.json, Espressif's download.config")
        << text;
  }
  EXPECT_EQ(Parse("{\"builds\": [").error().code, ExitCode::kInvalidManifest);
}

struct Example {
  std::string_view file;
  std::optional<Chip> chip;
  std::string_view outcome;
};

TEST(ForeignManifestTest, RealFilesAreReadOrRefusedForTheirRealTraps) {
  const Example examples[] = {
      {"ewt-wled-0.14.4.manifest.json", Chip::kEsp32,
       "0 esp32_bootloader_v4.bin, 10000 WLED_0.14.4_ESP32.bin"},
      {"ewt-wled-0.14.4.manifest.json", Chip::kEsp32S2,
       "'file' puts 'partitions_s2_4m.bin' at 32.768, which is no whole number of bytes"},
      {"ewt-wled-0.14.4.manifest.json", std::nullopt,
       "'file' has builds for ESP32, ESP32-C3, ESP32-S2, ESP32-S3, ESP8266"},
      {"ewt-tasmota32-bluetooth.manifest.json", Chip::kEsp32,
       "'file' names '../firmware/release/tasmota32-bluetooth.factory.bin', a path that leaves its "
       "directory"},
      {"fa-esp32-iothub-esptool-v5-dashes.flasher_args.json", std::nullopt,
       "1000 bootloader/bootloader.bin, 8000 partition_table/partition-table.bin, f000 "
       "ota_data_initial.bin, 20000 iothub.bin, 3e0000 storage.bin"},
      {"fa-esp32-lifecycle-manager.flasher_args.json", Chip::kEsp32,
       "1000 bootloader/bootloader.bin, 8000 partition_table/partition-table.bin, e000 "
       "ota_data_initial.bin, 20000 esp32-lifecycle-manager.bin"},
      {"espat-v2.2.1-esp8285-1m.download.config", Chip::kEsp8266,
       "0 bootloader/bootloader.bin, 8000 partition_table/partition-table.bin, 9000 "
       "ota_data_initial.bin, 18000 at_customize.bin, 19000 "
       "customized_partitions/factory_param.bin, 1a000 customized_partitions/client_cert.bin, "
       "1b000 customized_partitions/client_key.bin, 1c000 customized_partitions/client_ca.bin, "
       "1d000 customized_partitions/mqtt_cert.bin, 1e000 customized_partitions/mqtt_key.bin, "
       "1f000 customized_partitions/mqtt_ca.bin, 20000 esp-at.bin"},
  };
  for (const Example& example : examples) {
    const auto path = test::SharedInput("examples/" + std::string(example.file));
    if (!path) return;
    const Bytes text = test::ReadAll(*path);
    const auto parsed = Parse(AsText(text), example.chip);
    EXPECT_EQ(parsed ? PartsOf(*parsed) : parsed.error().message, example.outcome) << example.file;
  }
}

}  // namespace
}  // namespace lastgood
