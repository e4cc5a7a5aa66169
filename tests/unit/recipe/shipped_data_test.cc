// SPDX-License-Identifier: MIT
// The recipes and manifests that are installed: they parse, belong together, and pin the real
// files.
#include <gtest/gtest.h>

#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "digest/digest.h"
#include "recipe/recipe.h"
#include "support/shared_input.h"
#include "support/temporary_directory.h"

namespace lastgood {
namespace {

std::vector<std::filesystem::path> Shipped(std::string_view directory) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::filesystem::path(LASTGOOD_SOURCE_DIR) / directory))
    files.push_back(entry.path());
  EXPECT_FALSE(files.empty()) << directory;
  return files;
}

std::vector<Manifest> ShippedManifests() {
  std::vector<Manifest> manifests;
  for (const auto& file : Shipped("manifests")) {
    auto manifest = ParseManifest(test::ReadText(file), file.filename().string());
    EXPECT_TRUE(manifest.has_value()) << manifest.error().message;
    if (manifest) manifests.push_back(*std::move(manifest));
  }
  return manifests;
}

std::vector<FirmwareSpec> AllFirmware(const Manifest& manifest) {
  std::vector<FirmwareSpec> all = {manifest.firmware};
  all.insert(all.end(), manifest.fallbacks.begin(), manifest.fallbacks.end());
  return all;
}

std::string FileNameOf(const std::string& url) { return url.substr(url.rfind('/') + 1); }

// Some real files are kept under their name without the date.
std::string WithoutDate(const std::string& name) {
  return std::regex_replace(name, std::regex("-[0-9]{8}-"), "-");
}

TEST(ShippedDataTest, FilesAreNamedAfterWhatTheyHold) {
  for (const auto& file : Shipped("recipes")) {
    const auto recipe = ParseRecipeFile(test::ReadText(file), file.filename().string());
    ASSERT_TRUE(recipe.has_value()) << recipe.error().message;
    EXPECT_EQ(recipe->name + ".toml", file.filename().string());
  }
  for (const Manifest& manifest : ShippedManifests())
    EXPECT_EQ(manifest.name + ".toml", manifest.document.name());
}

TEST(ShippedDataTest, EveryManifestNamesAShippedRecipe) {
  for (const Manifest& manifest : ShippedManifests())
    EXPECT_TRUE(std::filesystem::exists(std::filesystem::path(LASTGOOD_SOURCE_DIR) / "recipes" /
                                        (manifest.recipe + ".toml")))
        << manifest.recipe;
}

// The flash of the ESP32 family can always be read, so there the board's own backup is the way
// back.
TEST(ShippedDataTest, EveryManifestHasAWayBackAndAsksTheBoard) {
  for (const Manifest& manifest : ShippedManifests()) {
    EXPECT_TRUE(IsEsp32Family(manifest.firmware.chip) || !manifest.fallbacks.empty())
        << manifest.name;
    for (const FirmwareSpec& firmware : AllFirmware(manifest))
      EXPECT_TRUE(firmware.health.kind == HealthKind::kMicropython ||
                  firmware.health.kind == HealthKind::kAt)
          << firmware.Title();
  }
}

TEST(ShippedDataTest, SameFirmwareIsPinnedAlikeEverywhere) {
  std::map<std::string, FirmwareSpec> seen;
  for (const Manifest& manifest : ShippedManifests())
    for (const FirmwareSpec& firmware : AllFirmware(manifest)) {
      const auto [entry, is_new] = seen.emplace(firmware.Title(), firmware);
      EXPECT_EQ(entry->second, firmware) << firmware.Title();
    }
  EXPECT_EQ(seen.size(), 4U);
}

TEST(ShippedDataTest, PhatIsWiredAsItsMakerSays) {
  const auto recipe = ParseRecipe(
      test::ReadText(std::filesystem::path(LASTGOOD_SOURCE_DIR) / "recipes" / "espiot-phat.toml"),
      "espiot-phat.toml");
  ASSERT_TRUE(recipe.has_value()) << recipe.error().message;
  EXPECT_EQ(recipe->board.lines.reset.line, "GPIO17");
  EXPECT_EQ(recipe->board.lines.reset.active, ActiveLevel::kLow);
  EXPECT_EQ(recipe->board.lines.boot.line, "GPIO27");
  EXPECT_EQ(recipe->board.lines.boot.active, ActiveLevel::kLow);
  EXPECT_EQ(recipe->board.serial, (std::vector<std::string>{"/dev/serial0", "/dev/ttyAMA0"}));
}

// The list of real images is looked up by digest, since some are kept under another name.
TEST(ShippedDataTest, PinnedDigestsAndSizesAreThoseOfTheRealFiles) {
  const auto list = test::SharedInput("firmware/images.tsv");
  if (!list) return;
  std::map<std::string, std::string> names;  // by digest
  std::istringstream lines(test::ReadText(*list));
  for (std::string line; std::getline(lines, line);) {
    std::vector<std::string> columns;
    std::istringstream fields(line);
    for (std::string field; std::getline(fields, field, '\t');) columns.push_back(field);
    ASSERT_GT(columns.size(), 7U);
    names[columns[7]] = columns[0];
  }
  for (const Manifest& manifest : ShippedManifests())
    for (const FirmwareSpec& firmware : AllFirmware(manifest))
      for (const PartSpec& part : firmware.parts) {
        const std::string name = names[part.sha256.ToHex()];
        const std::string published = FileNameOf(part.urls[0]);
        EXPECT_TRUE(name.ends_with(published) || name == WithoutDate(published)) << published;
        const auto file = test::SharedInput("firmware/" + name);
        ASSERT_TRUE(file.has_value());
        const Bytes bytes = test::ReadAll(*file);
        EXPECT_EQ(bytes.size(), part.size_bytes) << name;
        EXPECT_EQ(Sha256(bytes), part.sha256) << name;
      }
}

}  // namespace
}  // namespace lastgood
