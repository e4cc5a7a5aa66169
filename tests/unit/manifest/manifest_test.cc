// SPDX-License-Identifier: MIT
#include "manifest/manifest.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "support/temporary_directory.h"

namespace lastgood {
namespace {

constexpr std::string_view kDigest =
    "f727607fff05ff902efd363a3243e787215e337f0cbdbd4c6031166d2cf3a230";

Manifest Vector(const std::string& name) {
  const std::filesystem::path path =
      std::filesystem::path(LASTGOOD_SOURCE_DIR) / "tests/vectors/manifests" / name;
  auto manifest = ParseManifest(test::ReadText(path), name);
  EXPECT_TRUE(manifest.has_value()) << manifest.error().message;
  return manifest ? *manifest : Manifest();
}

TEST(ManifestTest, EveryKeyArrivesInItsField) {
  const Manifest manifest = Vector("good-full.toml");
  EXPECT_EQ(manifest.name, "classroom");
  EXPECT_EQ(manifest.recipe, "espiot-phat");
  EXPECT_EQ(manifest.document.name(), "good-full.toml");

  const FirmwareSpec& firmware = manifest.firmware;
  EXPECT_EQ(firmware.Title(), "MicroPython 1.22.1");
  EXPECT_EQ(firmware.chip, Chip::kEsp8266);
  ASSERT_EQ(firmware.parts.size(), 2U);
  EXPECT_EQ(firmware.parts[0].offset, 0U);
  EXPECT_EQ(firmware.parts[0].urls.size(), 3U);
  EXPECT_EQ(firmware.parts[0].urls[2], "file:///srv/fw.bin");
  EXPECT_EQ(firmware.parts[0].sha256.ToHex(), kDigest);
  EXPECT_EQ(firmware.parts[0].size_bytes, 641964U);
  EXPECT_EQ(firmware.parts[1].offset, 0x3fc000U);

  const FlashSpec flash{SizePolicy::kFixed, 4U << 20, "dio", "40m", true};
  EXPECT_EQ(firmware.flash, flash);
  const HealthSpec health{HealthKind::kMicropython,
                          "1.22.1",
                          std::chrono::seconds(600),
                          {{"import esp; print(esp.check_fw())", "True", std::chrono::seconds(30)},
                           {"import machine", ""}},
                          16U << 10,
                          {"boot.py", "lib/mqtt.py"}};
  EXPECT_EQ(firmware.health, health);
}

TEST(ManifestTest, FallbacksKeepTheirOrderAndShape) {
  const Manifest manifest = Vector("good-full.toml");
  ASSERT_EQ(manifest.fallbacks.size(), 1U);
  EXPECT_EQ(manifest.fallbacks[0].Title(), "AT firmware 1.1.0.0");
  EXPECT_EQ(manifest.fallbacks[0].flash.size, SizePolicy::kKeep);
  EXPECT_EQ(manifest.fallbacks[0].health.kind, HealthKind::kAt);
  EXPECT_EQ(manifest.fallbacks[0].health.run[0].code, "AT+GMR");
}

TEST(ManifestTest, DependenciesBecomeTheFirstStep) {
  const Manifest manifest = Vector("good-full.toml");
  ASSERT_EQ(manifest.steps.size(), 2U);
  EXPECT_EQ(manifest.steps[0].kind, "apt");
  EXPECT_EQ(manifest.steps[0].fields.order, std::vector<std::string>{"apt"});
  EXPECT_EQ(manifest.steps[1].kind, "command");
}

TEST(ManifestTest, StepKeepsTheFieldsOfItsKind) {
  const StepSpec step = Vector("good-full.toml").steps[1];
  EXPECT_EQ(step.name, "greet");
  EXPECT_EQ(step.fields.order, (std::vector<std::string>{"check", "apply"}));
  for (const char* common : {"kind", "name", "needs", "when"}) {
    EXPECT_EQ(step.fields.entries.count(common), 0U);
    EXPECT_EQ(step.fields.key_positions.count(common), 0U);
  }
  toml::Diagnostics diagnostics(step.document);
  toml::TableReader reader(step.fields, "[[step]]", diagnostics);
  reader.Complain("check", "not this");
  EXPECT_NE(diagnostics.ToResult().error().message.find("check = "), std::string::npos);
}

TEST(ManifestTest, DefaultsAreTheDocumentedOnes) {
  const FirmwareSpec firmware = Vector("good-minimal.toml").firmware;
  EXPECT_EQ(firmware.flash, FlashSpec());
  EXPECT_EQ(firmware.flash.size, SizePolicy::kDetect);
  EXPECT_FALSE(firmware.flash.erase_all);
  EXPECT_EQ(firmware.health, HealthSpec());
  EXPECT_EQ(firmware.health.kind, HealthKind::kBootLog);
  EXPECT_EQ(firmware.health.settle, std::chrono::seconds(5));
}

TEST(ManifestTest, PartsAreSortedByOffset) {
  const FirmwareSpec firmware = Vector("good-parts-in-any-order.toml").firmware;
  ASSERT_EQ(firmware.parts.size(), 2U);
  EXPECT_EQ(firmware.parts[0].offset, 0U);
  EXPECT_EQ(firmware.parts[1].offset, 0x1000U);
}

TEST(ManifestTest, EmptyFileIsNamedAsSuch) {
  const auto manifest = ParseManifest("", "m.toml");
  ASSERT_FALSE(manifest.has_value());
  EXPECT_EQ(manifest.error().message,
            "m.toml:1:1: error: the file says nothing; its first line should be schema = 1\n"
            "   1 | \n     | ^");
}

std::string Numbered(std::size_t count, const std::string& head, const std::string& body) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    std::string digest(64, '0');
    const std::string number = std::to_string(i + 1);
    digest.replace(64 - number.size(), number.size(), number);
    std::string one = body;
    for (auto at = one.find('#'); at != std::string::npos; at = one.find('#'))
      one.replace(at, 1, number);
    for (auto at = one.find('@'); at != std::string::npos; at = one.find('@'))
      one.replace(at, 1, digest);
    text += head + one;
  }
  return text;
}

// Every list has a limit: the last count that is accepted, and the refusal of one more.
TEST(ManifestTest, ListsHaveLimits) {
  const std::string start = "schema = 1\nname = 'm'\nrecipe = 'r'\n";
  const std::string fallback =
      "name = 'f'\nversion = 'v#'\nchip = 'esp8266'\npart = [{offset = 0, size = 1, urls = "
      "['http://a/b'], sha256 = '@'}]\n";
  const std::string firmware =
      "[firmware]\nname = 'm'\nversion = 'v'\nchip = 'esp8266'\npart = [{offset = 4096, size = 1, "
      "urls = ['http://a/b'], sha256 = '" +
      std::string(kDigest) + "'}]\nhealth.kind = 'at'\n";
  struct Case {
    std::size_t max;
    std::function<std::string(std::size_t)> text;
    std::string refusal;
  };
  const Case cases[] = {
      {16,
       [&](std::size_t n) {
         return start + "[firmware]\nname = 'f'\nversion = 'v'\nchip = 'esp8266'\n" +
                Numbered(n, "[[firmware.part]]\n",
                         "offset = 0x#000\nurls = ['http://a/b']\nsha256 = '@'\nsize = 1\n");
       },
       "at most 16 of 'part', not 17"},
      {16,
       [&](std::size_t n) { return start + firmware + Numbered(n, "[[fallback]]\n", fallback); },
       "at most 16 of 'fallback', not 17"},
      {64,
       [&](std::size_t n) {
         return start + firmware + Numbered(n, "[[step]]\n", "kind = 'command'\n");
       },
       "at most 64 of 'step', not 65"},
      {32,
       [&](std::size_t n) {
         return start + firmware +
                Numbered(n, "[[firmware.health.run]]\n", "code = 'AT'\nexpect = 'OK'\n");
       },
       "at most 32 of 'run', not 33"},
      {64,
       [&](std::size_t n) {
         return start + "dependencies.apt = [" + Numbered(n, "", "'pkg#',") + "]\n" + firmware;
       },
       "'apt' must hold at most 64, not 65"},
  };
  for (const Case& c : cases) {
    const auto fits = ParseManifest(c.text(c.max), "m");
    EXPECT_TRUE(fits.has_value()) << fits.error().message;
    const auto overflows = ParseManifest(c.text(c.max + 1), "m");
    ASSERT_FALSE(overflows.has_value()) << c.refusal;
    EXPECT_NE(overflows.error().message.find(c.refusal), std::string::npos)
        << overflows.error().message;
  }
}

TEST(ManifestTest, HealthKindsAreSpeltAsInManifests) {
  EXPECT_EQ(HealthKindName(HealthKind::kMicropython), "micropython");
  EXPECT_EQ(HealthKindName(HealthKind::kAt), "at");
  EXPECT_EQ(HealthKindName(HealthKind::kBootLog), "boot-log");
  EXPECT_EQ(HealthKindName(HealthKind::kNone), "none");
}

}  // namespace
}  // namespace lastgood
