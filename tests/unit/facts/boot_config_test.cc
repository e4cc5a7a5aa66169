// SPDX-License-Identifier: MIT
#include "facts/boot_config.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "support/temporary_directory.h"

namespace lastgood {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPi3 = "Raspberry Pi 3 Model B Plus Rev 1.3";
constexpr const char* kPi4 = "Raspberry Pi 4 Model B Rev 1.4";
constexpr const char* kPi400 = "Raspberry Pi 400 Rev 1.0";
constexpr const char* kCm4 = "Raspberry Pi Compute Module 4 Rev 1.0";
constexpr const char* kZero2 = "Raspberry Pi Zero 2 W Rev 1.0";

class BootConfigTest : public testing::Test {
 protected:
  BootConfigTest() { fs::create_directories(boot_); }

  BootConfig Read(const std::string& text, HostModel model = ModelNamed(kPi4)) {
    test::WriteText(boot_ / "config.txt", text);
    return ReadBootConfig(HostFiles(directory_.path()), model);
  }
  bool HasOverlay(const std::string& sections, const HostModel& model) {
    return Read(sections + "\ndtoverlay=disable-bt\n", model).Find({"disable-bt"}) != nullptr;
  }

  test::TemporaryDirectory directory_;
  fs::path boot_ = directory_ / "boot/firmware";
};

TEST_F(BootConfigTest, SectionsHoldForTheirModels) {
  struct Row {
    const char* sections;
    const char* model;
    bool holds;
  };
  constexpr Row kRows[] = {
      {"", kPi4, true},
      {"[all]", kPi4, true},
      {"[none]", kPi4, false},
      {"[none]\n[all]", kPi4, true},
      {"[pi4]", kPi4, true},
      {"[pi4]", kPi400, true},
      {"[pi400]", kPi4, false},
      {"[pi4]", kCm4, true},
      {"[cm4]", kCm4, true},
      {"[cm4]", kPi4, false},
      {"[pi3]", kPi3, true},
      {"[pi3+]", kPi3, true},
      {"[pi0w]", kZero2, true},
      {"[pi02]", kZero2, true},
      {"[pi3]", kZero2, false},
      {"[pi3]\n[pi4]", kPi4, true},  // models replace each other
      {"[pi4]\n[pi3]", kPi4, false},
      {"[none]\n[pi4]", kPi4, false},  // other kinds add up
      {"[gpio4=1]", kPi4, false},      // not known here
      {"[gpio4=1]\n[all]", kPi4, true},
      {"[EDID=VSC-TD2220]\n[pi4]", kPi4, false},
      {"[HDMI:0]", kPi4, true},
      {"[nonsense]", kPi4, false},
      {"  [pi4]  ", kPi4, true},
  };
  for (const Row& row : kRows)
    EXPECT_EQ(HasOverlay(row.sections, ModelNamed(row.model)), row.holds)
        << row.sections << " on " << row.model;
}

TEST_F(BootConfigTest, SectionsForOneBoardAreCompared) {
  HostModel model = ModelNamed(kPi4);
  EXPECT_FALSE(HasOverlay("[board-type=0x11]", model));
  EXPECT_FALSE(HasOverlay("[0x12345678]", model));
  model.board_type = 0x11;
  model.serial_number = 0x12345678;
  EXPECT_TRUE(HasOverlay("[board-type=0x11]", model));
  EXPECT_FALSE(HasOverlay("[board-type=0x14]", model));
  EXPECT_TRUE(HasOverlay("[0x12345678]", model));
  EXPECT_FALSE(HasOverlay("[0x12345679]", model));
  EXPECT_TRUE(HasOverlay("[0x12345678]\n[pi4]", model));
}

TEST_F(BootConfigTest, OverlayElsewhereIsRememberedWithItsSection) {
  const BootConfig config = Read("[cm4]\ndtoverlay=disable-bt\n");
  EXPECT_EQ(config.Find({"disable-bt"}), nullptr);
  ASSERT_NE(config.FindElsewhere({"disable-bt"}), nullptr);
  EXPECT_EQ(config.FindElsewhere({"disable-bt"})->section, "[cm4]");
  EXPECT_EQ(config.FindElsewhere({"disable-bt"})->place, "/boot/firmware/config.txt:2");
}

TEST_F(BootConfigTest, ValuesParametersAndOverlays) {
  const BootConfig config = Read(
      "# dtoverlay=sdio\r\n"
      "#enable_uart=0\n"
      "  enable_uart = 1 \r\n"
      "dtoverlay=gpio-ir,gpio_pin=17\n"
      "dtoverlay=\n"
      "device_tree_overlay=w1-gpio-overlay\n"
      "dtparam=uart0=on,i2c_arm=off\n"
      "dtparam=uart0_console\n"
      "nonsense\n"
      "core_freq=250\n"
      "core_freq=400");
  EXPECT_EQ(config.state, HostFiles::State::kFound);
  EXPECT_EQ(config.values.at("enable_uart").value, "1");
  EXPECT_EQ(config.values.at("enable_uart").place, "/boot/firmware/config.txt:3");
  EXPECT_EQ(config.values.at("core_freq").value, "400");
  ASSERT_EQ(config.overlays.size(), 2U);
  EXPECT_EQ(config.overlays[0].name, "gpio-ir");
  EXPECT_EQ(config.overlays[0].parameters, std::vector<std::string>{"gpio_pin=17"});
  EXPECT_EQ(config.overlays[1].name, "w1-gpio");
  EXPECT_TRUE(config.IsOn("uart0"));
  EXPECT_TRUE(config.IsOn("uart0_console"));
  EXPECT_FALSE(config.IsOn("i2c_arm"));
  EXPECT_FALSE(config.IsOn("spi"));
  EXPECT_TRUE(config.troubles.empty());
}

TEST_F(BootConfigTest, IncludedFilesStandWhereTheyAreNamed) {
  fs::create_directories(boot_ / "parts");
  test::WriteText(boot_ / "parts/uart.txt", "enable_uart=1\n[pi3]\n");
  const BootConfig config = Read(
      "enable_uart=0\ninclude parts/uart.txt\ndtoverlay=disable-bt\n[all]\n[pi3]\ninclude gone\n");
  EXPECT_EQ(config.values.at("enable_uart").value, "1");
  EXPECT_EQ(config.values.at("enable_uart").place, "/boot/firmware/parts/uart.txt:1");
  EXPECT_EQ(config.Find({"disable-bt"}), nullptr);  // a section goes on behind the file's end
  EXPECT_TRUE(config.troubles.empty());             // what does not hold is not included
}

TEST_F(BootConfigTest, IncludesEnd) {
  std::string many;
  for (int i = 0; i < 200; ++i) many += "include leaf.txt\n";
  test::WriteText(boot_ / "leaf.txt", "enable_uart=1\n");
  EXPECT_FALSE(Read(many).troubles.empty());
  for (int i = 0; i < 20; ++i)
    test::WriteText(boot_ / fmt::format("deep{}.txt", i),
                    fmt::format("include deep{}.txt\n", i + 1));
  EXPECT_FALSE(Read("include deep0.txt\n").troubles.empty());
  EXPECT_FALSE(Read("include config.txt\n").troubles.empty());
  EXPECT_FALSE(Read("include /dev/zero\n").troubles.empty());
  EXPECT_FALSE(Read("include ../../../../../../../../dev/zero\n").troubles.empty());
}

TEST_F(BootConfigTest, TroublesAreSaidAndCounted) {
  EXPECT_EQ(
      Read("dtoverlay=disable-bt" + std::string(100, ',') + "\n").troubles,
      std::vector<std::string>{"/boot/firmware/config.txt:1: the firmware ignores what stands "
                               "beyond column 98"});
  EXPECT_EQ(Read(std::string("a\0b", 3)).state, HostFiles::State::kUnreadable);
  EXPECT_EQ(Read(std::string(1U << 20, 'x')).state, HostFiles::State::kUnreadable);
  std::string gone;
  for (int i = 0; i < 100; ++i) gone += "include gone.txt\n";
  EXPECT_LE(Read(gone).troubles.size(), 8U);
}

TEST_F(BootConfigTest, OldPlaceCountsOnlyWithoutTheNewOne) {
  test::WriteText(directory_ / "boot/config.txt", "enable_uart=1\n");
  EXPECT_EQ(ReadBootConfig(HostFiles(directory_.path()), {}).path, "/boot/config.txt");
  EXPECT_EQ(Read("").path, "/boot/firmware/config.txt");
  EXPECT_TRUE(Read("").values.empty());
}

TEST_F(BootConfigTest, NoneAtAll) {
  const BootConfig config = ReadBootConfig(HostFiles(directory_.path()), {});
  EXPECT_EQ(config.state, HostFiles::State::kMissing);
  EXPECT_EQ(config.directory, "");
}

}  // namespace
}  // namespace lastgood
