// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <array>
#include <random>
#include <string>

#include "manifest/manifest.h"

namespace lastgood {
namespace {

// Makes any firmware that a manifest or a backup can describe.
class RandomFirmware {
 public:
  explicit RandomFirmware(unsigned seed) : random_(seed) {}

  FirmwareSpec Next() {
    FirmwareSpec firmware;
    firmware.name = Name();
    if (Below(4) != 0) firmware.version = Name();
    std::uint32_t sector = 0;
    for (std::size_t count = 1 + Below(16); count > 0; --count)
      firmware.parts.push_back(NextPart(sector));
    firmware.flash = NextFlash();
    firmware.health = NextHealth();
    return firmware;
  }

 private:
  std::size_t Below(std::size_t limit) { return random_() % limit; }

  std::string Name() {
    constexpr std::string_view kAlphabet = "abcXYZ0189._+-";
    std::string name(1, kAlphabet[Below(10)]);
    for (std::size_t length = Below(64); length > 0; --length)
      name += kAlphabet[Below(kAlphabet.size())];
    return name;
  }

  std::string ConsoleText(bool may_have_lines) {
    const std::array<std::string, 9> pieces = {"print(1)", "\"", "\\", "'", "#",
                                               "é",        "\t", " ",  "\n"};
    std::string text = "x";
    for (std::size_t length = Below(30); length > 0; --length)
      text += pieces[Below(pieces.size() - (may_have_lines ? 0 : 1))];
    return text;
  }

  PartSpec NextPart(std::uint32_t& sector) {
    sector += static_cast<std::uint32_t>(Below(20));
    PartSpec part;
    part.offset = sector * 4096;
    part.size_bytes = 1 + Below(200 * 4096);
    sector += static_cast<std::uint32_t>((part.size_bytes + 4095) / 4096);
    for (auto& octet : part.sha256.octets) octet = static_cast<std::uint8_t>(Below(256));
    for (std::size_t count = Below(5); count > 0; --count)
      part.urls.push_back("http://files.example/" + std::to_string(count) + "?a=%22b%22");
    if (Below(4) == 0) part.member = "bin/\"x\" " + Name();
    return part;
  }

  FlashSpec NextFlash() {
    constexpr std::array<std::string_view, 5> kModes = {"keep", "qio", "qout", "dio", "dout"};
    constexpr std::array<std::string_view, 5> kFrequencies = {"keep", "20m", "26m", "40m", "80m"};
    FlashSpec flash;
    flash.size = static_cast<SizePolicy>(Below(3));
    // Only the largest is sure to hold the parts.
    if (flash.size == SizePolicy::kFixed) flash.fixed_size_bytes = 16U << 20;
    flash.mode = kModes[Below(kModes.size())];
    flash.frequency = kFrequencies[Below(kFrequencies.size())];
    flash.erase_all = Below(2) == 1;
    return flash;
  }

  HealthSpec NextHealth() {
    HealthSpec health;
    health.kind = static_cast<HealthKind>(Below(4));
    if (Below(2) == 1) health.version = Name();
    health.settle = std::chrono::seconds(Below(601));
    for (std::size_t count = Below(5); count > 0; --count) {
      const bool is_at = health.kind == HealthKind::kAt;
      const std::chrono::seconds limit(Below(2) == 0 ? 10 : 1 + Below(120));
      health.run.push_back({ConsoleText(!is_at), Below(4) == 0 ? "" : ConsoleText(true), limit});
    }
    if (Below(2) == 1) health.memory_free_bytes = static_cast<std::uint32_t>(1 + Below(16U << 20));
    for (std::size_t count = Below(5); count > 0; --count)
      health.files.push_back("d" + std::to_string(count) + "/" + Name());
    return health;
  }

  std::mt19937 random_;
};

TEST(FirmwareRoundTripTest, EveryFieldSurvivesTheRecord) {
  constexpr unsigned kSeed = 19931203;
  std::printf("seed %u\n", kSeed);
  RandomFirmware firmwares(kSeed);
  for (int round = 0; round < 1000; ++round) {
    const FirmwareSpec firmware = firmwares.Next();
    const std::string text = FormatFirmware(firmware);
    const auto again = ParseFirmware(text);
    ASSERT_TRUE(again.has_value()) << "round " << round << "\n" << again.error().message;
    ASSERT_EQ(*again, firmware) << "round " << round << "\n" << text;
    ASSERT_EQ(FormatFirmware(*again), text);
  }
}

TEST(FirmwareRoundTripTest, EveryFixedSizeSurvives) {
  FirmwareSpec firmware = RandomFirmware(1).Next();
  firmware.parts.resize(1);
  firmware.parts[0].size_bytes = 1;
  firmware.parts[0].offset = 0;
  firmware.flash.size = SizePolicy::kFixed;
  for (std::uint32_t size = 256U << 10; size <= 16U << 20; size *= 2) {
    firmware.flash.fixed_size_bytes = size;
    const auto again = ParseFirmware(FormatFirmware(firmware));
    ASSERT_TRUE(again.has_value()) << again.error().message;
    EXPECT_EQ(again->flash.fixed_size_bytes, size);
  }
}

TEST(FirmwareRoundTripTest, RecordReadsLikeAManifest) {
  FirmwareSpec firmware;
  firmware.name = "micropython";
  firmware.version = "1.22.1";
  firmware.parts.resize(1);
  firmware.parts[0].urls = {"http://a/b"};
  firmware.parts[0].size_bytes = 7;
  firmware.health.kind = HealthKind::kMicropython;
  firmware.health.run = {{"print(1)", "1"}};
  EXPECT_EQ(FormatFirmware(firmware),
            "[firmware]\nname = \"micropython\"\nversion = \"1.22.1\"\nchip = \"esp8266\"\n"
            "[[firmware.part]]\noffset = 0x0\nurls = [\"http://a/b\"]\nsha256 = \"" +
                std::string(64, '0') +
                "\"\nsize = 7\n"
                "[firmware.flash]\nsize = \"detect\"\nmode = \"keep\"\nfreq = \"keep\"\n"
                "erase = \"auto\"\n"
                "[firmware.health]\nkind = \"micropython\"\nsettle_s = 5\n"
                "[[firmware.health.run]]\ncode = \"print(1)\"\nexpect = \"1\"\n");
}

TEST(FirmwareRoundTripTest, DamagedRecordIsRefused) {
  const std::string text = FormatFirmware(RandomFirmware(2).Next());
  for (const std::string& damaged : {std::string(), text.substr(0, text.find("sha256") + 20),
                                     text + "x = 1\n", "[other]\n" + text}) {
    const auto firmware = ParseFirmware(damaged);
    ASSERT_FALSE(firmware.has_value()) << damaged;
    EXPECT_EQ(firmware.error().code, ExitCode::kInvalidManifest);
    EXPECT_TRUE(firmware.error().message.starts_with("recorded firmware:"));
  }
}

// Rollback and restore make a manifest out of what the record holds.
TEST(FirmwareRoundTripTest, FirmwareThatIsAskedNothingBecomesAManifest) {
  FirmwareSpec backup;
  backup.name = "backup";
  backup.version = "1";
  backup.parts.resize(1);
  backup.parts[0].urls = {"http://a/b"};
  backup.parts[0].size_bytes = 4096;
  for (const HealthKind kind : {HealthKind::kBootLog, HealthKind::kNone}) {
    backup.health.kind = kind;
    const auto manifest =
        ParseManifest("schema = 1\nname = 'm'\nrecipe = 'r'\n" + FormatFirmware(backup), "m");
    ASSERT_TRUE(manifest.has_value()) << manifest.error().message;
    EXPECT_EQ(manifest->firmware, backup);
  }
}

// What only a record may say.
TEST(FirmwareRoundTripTest, BackupWithoutAddressOrVersionIsForRecordsOnly) {
  FirmwareSpec backup;
  backup.name = "backup";
  backup.parts.resize(1);
  backup.parts[0].size_bytes = 4096;
  const std::string text = FormatFirmware(backup);
  EXPECT_TRUE(ParseFirmware(text).has_value());
  const auto manifest = ParseManifest("schema = 1\nname = 'm'\nrecipe = 'r'\n" + text, "m");
  ASSERT_FALSE(manifest.has_value());
  EXPECT_NE(manifest.error().message.find("'version' must not be empty"), std::string::npos);
  EXPECT_NE(manifest.error().message.find("'urls' must not be empty"), std::string::npos);
}

}  // namespace
}  // namespace lastgood
