// SPDX-License-Identifier: MIT
#include "import/manifest_text.h"

#include <gtest/gtest.h>

namespace lastgood {
namespace {

TEST(ManifestText, SaysWhatIsKnownAndNothingElse) {
  NewManifest manifest;
  manifest.source = "flasher\nargs.json";
  manifest.origin = "ESP-IDF's flasher_args.json";
  manifest.name = "blinky";
  manifest.version = "2.3.4";
  manifest.recipe = "/srv/\"dev\" kit.toml";
  manifest.chip = Chip::kEsp32C3;
  manifest.flash_mode = "dio";
  manifest.parts = {{0x10000, "file:///srv/app.bin", {}, 77}};
  EXPECT_EQ(FormatManifest(manifest),
            R"(# Made by lastgood import from flasher?args.json (ESP-IDF's flasher_args.json).
schema = 1
name = "blinky"
recipe = "/srv/\"dev\" kit.toml"

[firmware]
name = "blinky"
version = "2.3.4"
chip = "esp32c3"

[[firmware.part]]
offset = 0x10000
urls = ["file:///srv/app.bin"]
sha256 = "0000000000000000000000000000000000000000000000000000000000000000"
size = 77

[firmware.flash]
mode = "dio"
)");
}

TEST(ManifestText, NamesBecomeWhatAManifestTakes) {
  EXPECT_EQ(NameFrom("WLED"), "WLED");
  EXPECT_EQ(NameFrom("0.14.4/2405180"), "0.14.4-2405180");
  EXPECT_EQ(NameFrom("Release Tasmota32 Bluetooth (english)"),
            "Release-Tasmota32-Bluetooth-english");
  EXPECT_EQ(NameFrom("--\xc3\xbc-a"), "a");
  EXPECT_EQ(NameFrom("   "), "");
  EXPECT_EQ(NameFrom(std::string(100, 'x')), std::string(64, 'x'));
}

TEST(ManifestText, PathsArePercentEncoded) {
  EXPECT_EQ(PercentEncoded("/srv/a b/\xc3\xa4+%.bin"), "/srv/a%20b/%C3%A4%2B%25.bin");
  EXPECT_EQ(PercentEncoded("sub-dir/a_b~1.bin"), "sub-dir/a_b~1.bin");
}

}  // namespace
}  // namespace lastgood
