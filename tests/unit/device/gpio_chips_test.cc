// SPDX-License-Identifier: MIT
// Which line a recipe means on hosts of several kinds, and the exact words when there is none.
#include "device/gpio_chips.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <map>

#include "device/gpio_holder.h"
#include "support/temporary_directory.h"

namespace lastgood {
namespace {

namespace fs = std::filesystem;

using Names = std::map<std::size_t, std::string>;

GpioChip Chip(int number, const std::string& label, std::size_t lines, const Names& names) {
  const std::string name = fmt::format("gpiochip{}", number);
  GpioChip chip{"/dev/" + name, name, label, std::vector<GpioLine>(lines)};
  for (const auto& [offset, line] : names) chip.lines[offset].name = line;
  return chip;
}

// Names as the kernels of a Raspberry Pi have them.
Names HeaderNames() {
  Names names = {{0, "ID_SDA"}, {1, "ID_SCL"}};
  for (std::size_t offset = 2; offset < 28; ++offset) names[offset] = fmt::format("GPIO{}", offset);
  return names;
}

GpioChips Pi3() {
  return {{Chip(0, "pinctrl-bcm2835", 54, HeaderNames()),
           Chip(1, "raspberrypi-exp-gpio", 8, {{0, "BT_ON"}, {1, "WL_ON"}})},
          {}};
}
GpioChips Pi5() {
  return {{Chip(0, "pinctrl-rp1", 54, HeaderNames()),
           Chip(10, "gpio-brcmstb@107d508500", 32, {{0, "-"}, {5, "-"}, {28, "WL_ON"}}),
           Chip(11, "gpio-brcmstb@107d508520", 4, {{0, "WIFI_SDIO_D2"}})},
          {}};
}
GpioChips EarlyPi5() {
  return {{Chip(0, "gpio-brcmstb@107d508500", 32, {{0, "-"}, {28, "WL_ON"}}),
           Chip(4, "pinctrl-rp1", 54, HeaderNames())},
          {}};
}
GpioChips Unnamed() { return {{Chip(0, "pinctrl-bcm2835", 54, {})}, {}}; }
GpioChips WithExpanders() {
  return {{Chip(0, "pinctrl-bcm2835", 54, HeaderNames()),
           Chip(1, "mcp23017", 16, {{2, "GPIO17"}, {3, "RELAY"}, {9, "RELAY"}}),
           Chip(2, "mcp23017", 16, {{0, "LAMP"}}), Chip(3, "mcp23017", 1, {{0, "LAMP"}})},
          {}};
}
GpioChips Forbidden(const std::string& group) { return {{}, {"/dev/gpiochip0"}, group}; }
GpioChips PartlyForbidden() {
  GpioChips chips = EarlyPi5();
  chips.chips.pop_back();
  chips.forbidden = {"/dev/gpiochip4"};
  chips.forbidden_group = "gpio";
  return chips;
}
GpioChips Unreadable() { return {{}, {}, {}, {"/dev/gpiochip0"}}; }

GpioLineSpec Named(const std::string& line, const std::string& chip = {}) {
  return {line, chip, std::nullopt};
}
GpioLineSpec At(const std::string& chip, std::uint32_t offset) { return {{}, chip, offset}; }

TEST(FindGpioLineTest, OneRecipeServesEveryHost) {
  const struct {
    GpioChips chips;
    GpioLineSpec spec;
    std::string path;
    std::uint32_t offset;
  } kCases[] = {
      {Pi3(), Named("GPIO17"), "/dev/gpiochip0", 17},
      {Pi5(), Named("GPIO17"), "/dev/gpiochip0", 17},
      {EarlyPi5(), Named("GPIO17"), "/dev/gpiochip4", 17},
      {EarlyPi5(), At("pinctrl-rp1", 27), "/dev/gpiochip4", 27},
      {EarlyPi5(), At("gpiochip4", 0), "/dev/gpiochip4", 0},
      {EarlyPi5(), At("gpiochip0", 31), "/dev/gpiochip0", 31},
      {Unnamed(), At("pinctrl-bcm2835", 53), "/dev/gpiochip0", 53},
      {WithExpanders(), Named("GPIO17", "mcp23017"), "/dev/gpiochip1", 2},
      {WithExpanders(), Named("GPIO17", "pinctrl-bcm2835"), "/dev/gpiochip0", 17},
      {WithExpanders(), Named("LAMP", "gpiochip3"), "/dev/gpiochip3", 0},
      {PartlyForbidden(), Named("WL_ON"), "/dev/gpiochip0", 28},
  };
  for (const auto& test_case : kCases) {
    SCOPED_TRACE(DescribeGpioLine(test_case.spec));
    const auto place = FindGpioLine(test_case.chips, test_case.spec);
    ASSERT_TRUE(place) << place.error().message;
    EXPECT_EQ(place->path, test_case.path);
    EXPECT_EQ("/dev/" + place->chip, test_case.path);
    EXPECT_EQ(place->offset, test_case.offset);
  }
}

TEST(FindGpioLineTest, LineThatIsInUseIsFound) {
  GpioChips chips = Pi3();
  chips.chips[0].lines[17].used = true;
  EXPECT_TRUE(FindGpioLine(chips, Named("GPIO17")));
}

struct Refusal {
  GpioChips chips;
  GpioLineSpec spec;
  std::string message;
  std::string hint;
};

const char* const kPi3Chips =
    "gpiochip0 (pinctrl-bcm2835, 54 lines), gpiochip1 (raspberrypi-exp-gpio, 8 lines)";

std::vector<Refusal> WrongNames() {
  const auto missing = [](const std::string& name, const std::string& hint) {
    return Refusal{Pi3(), Named(name),
                   fmt::format("there is no GPIO line '{}' among those of {}", name, kPi3Chips),
                   hint};
  };
  return {
      missing("GPOI17", "did you mean 'GPIO17'? gpioinfo lists all names"),
      missing("gpio27", "did you mean 'GPIO27'? gpioinfo lists all names"),
      missing("17", "did you mean 'GPIO17'? gpioinfo lists all names"),
      missing("BCM27", "did you mean 'GPIO27'? gpioinfo lists all names"),
      missing("ID_SDL", "did you mean 'ID_SDA'? gpioinfo lists all names"),
      missing("reset", "gpioinfo lists their names"),
      {Unnamed(), Named("GPIO17"),
       "there is no GPIO line 'GPIO17' among those of gpiochip0 (pinctrl-bcm2835, 54 lines)",
       "this kernel gives them no names; write chip = \"pinctrl-bcm2835\", offset = … in place of "
       "line"},
      {Pi3(), Named("GPIO17", "raspberrypi-exp-gpio"),
       "there is no GPIO line 'GPIO17' among those of gpiochip1 (raspberrypi-exp-gpio, 8 lines)",
       "gpioinfo lists their names"},
  };
}

std::vector<Refusal> WrongChips() {
  return {
      {Pi3(), At("pinctrl-rp1", 17),
       "there is no GPIO chip 'pinctrl-rp1' for line 'pinctrl-rp1:17'",
       fmt::format("this host has {}; a line that is given by its name is found on any chip",
                   kPi3Chips)},
      {Pi3(), Named("GPIO17", "gpiochip4"),
       "there is no GPIO chip 'gpiochip4' for line 'gpiochip4:GPIO17'",
       fmt::format("this host has {}; without chip the line is looked for on all of them",
                   kPi3Chips)},
      {Pi3(), At("raspberrypi-exp-gpio", 8), "there is no GPIO line 'raspberrypi-exp-gpio:8'",
       "gpiochip1 (raspberrypi-exp-gpio, 8 lines) has offsets from 0 to 7"},
  };
}

std::vector<Refusal> SeveralLines() {
  return {
      {WithExpanders(), Named("GPIO17"),
       "GPIO line 'GPIO17' exists on gpiochip0 (pinctrl-bcm2835) and on gpiochip1 (mcp23017)",
       "say which one: chip = \"pinctrl-bcm2835\""},
      {WithExpanders(), Named("LAMP"),
       "GPIO line 'LAMP' exists on gpiochip2 (mcp23017) and on gpiochip3 (mcp23017)",
       "say which one: chip = \"gpiochip2\""},
      {WithExpanders(), Named("RELAY"),
       "GPIO lines 3 and 9 of gpiochip1 (mcp23017, 16 lines) are both called 'RELAY'",
       "write chip = \"mcp23017\", offset = … in place of line"},
      {WithExpanders(), At("mcp23017", 0),
       "GPIO line 'mcp23017:0' exists on gpiochip1 (mcp23017) and on gpiochip2 (mcp23017)",
       "say which one: chip = \"gpiochip1\""},
  };
}

std::vector<Refusal> HostsInTheWay() {
  const std::string join =
      "add the user to group 'gpio': sudo usermod -aG gpio $USER, then log in again";
  return {
      {{},
       Named("GPIO17"),
       "there is no GPIO line 'GPIO17': this host has no GPIO chip",
       "kind = \"gpio\" in [board.lines] needs a host with GPIO pins, such as a Raspberry Pi; a "
       "board with a USB adapter has kind = \"modem\""},
      {Forbidden("gpio"), Named("GPIO17"),
       "cannot use GPIO line 'GPIO17': no permission to open /dev/gpiochip0", join},
      {Forbidden(""), At("pinctrl-rp1", 1),
       "cannot use GPIO line 'pinctrl-rp1:1': no permission to open /dev/gpiochip0",
       "run it with sudo: only root may open it"},
      {PartlyForbidden(), Named("GPIO17"),
       "cannot use GPIO line 'GPIO17': no permission to open /dev/gpiochip4", join},
      {PartlyForbidden(), At("pinctrl-rp1", 17),
       "cannot use GPIO line 'pinctrl-rp1:17': no permission to open /dev/gpiochip4", join},
      {Unreadable(), Named("GPIO17"),
       "cannot use GPIO line 'GPIO17': this kernel does not offer /dev/gpiochip0 to the libgpiod "
       "of this build",
       "kernels from Linux 5.10 on speak to a build with libgpiod 2, and with libgpiod 1 only "
       "where "
       "they are configured for it"},
  };
}

void ExpectRefused(const std::vector<Refusal>& refusals) {
  for (const Refusal& refusal : refusals) {
    const auto place = FindGpioLine(refusal.chips, refusal.spec);
    ASSERT_FALSE(place) << refusal.message;
    EXPECT_EQ(place.error().code, ExitCode::kBoard);
    EXPECT_EQ(place.error().message, refusal.message);
    EXPECT_EQ(place.error().hint, refusal.hint);
  }
}

TEST(FindGpioLineTest, WrongNameComesWithTheNearest) { ExpectRefused(WrongNames()); }
TEST(FindGpioLineTest, WrongChipComesWithThoseThatThereAre) { ExpectRefused(WrongChips()); }
TEST(FindGpioLineTest, NameOfSeveralLinesIsNotGuessedAt) { ExpectRefused(SeveralLines()); }
TEST(FindGpioLineTest, WhatIsInTheWayOnThisHostIsNamed) { ExpectRefused(HostsInTheWay()); }

TEST(GpioChipPathsTest, LinkToAChipIsNoOtherChip) {
  const test::TemporaryDirectory dev;
  for (const char* name : {"gpiochip10", "gpiochip2", "gpiochip0", "gpiomem", "null"})
    test::WriteText(dev / name, "");
  fs::create_symlink("gpiochip0", dev.path() / "gpiochip4");
  fs::create_symlink("nothing", dev.path() / "gpiochip5");
  const std::string path = fs::canonical(dev.path()).string();
  EXPECT_EQ(GpioChipPaths(path), (std::vector<std::string>{path + "/gpiochip0", path + "/gpiochip2",
                                                           path + "/gpiochip10"}));
  EXPECT_EQ(GpioChipPaths(path + "/no-such-directory"), std::vector<std::string>{});
}

// A stand-in for /proc.
class GpioHolderTest : public testing::Test {
 protected:
  void Open(int pid, int descriptor, const std::string& target, const std::string& info = {}) {
    const fs::path process = proc_.path() / std::to_string(pid);
    fs::create_directories(process / "fd");
    fs::create_directories(process / "fdinfo");
    fs::create_symlink(target, process / "fd" / std::to_string(descriptor));
    test::WriteText(process / "fdinfo" / std::to_string(descriptor),
                    "pos:\t0\nflags:\t02000000\n" + info);
  }
  std::string Holder() {
    const auto holder = FindGpioHolder({"/dev/gpiochip0", "gpiochip0", 17}, proc_.path().string());
    return holder ? fmt::format("{}{}", holder->pid, holder->is_certain ? "" : "?") : "none";
  }

  test::TemporaryDirectory proc_;
};

TEST_F(GpioHolderTest, NobodyIsNobody) {
  Open(900001, 3, "/dev/gpiochip1");
  Open(900001, 4, "anon_inode:[eventpoll]");
  Open(900001, 5, "anon_inode:gpio-line", "gpio-chip:\tgpiochip0\ngpio-line:\t27\n");
  Open(900001, 6, "anon_inode:gpio-line", "gpio-chip:\tgpiochip1\ngpio-line:\t17\n");
  fs::create_directories(proc_.path() / "self" / "fd");
  fs::create_symlink("/dev/gpiochip0", proc_.path() / "self" / "fd" / "3");
  EXPECT_EQ(Holder(), "none");
}

TEST_F(GpioHolderTest, TheBetterSignWins) {
  Open(900001, 3, "/dev/gpiochip0");
  EXPECT_EQ(Holder(), "900001?");
  Open(900002, 3, "anon_inode:gpio-linehandle");
  EXPECT_EQ(Holder(), "900002?");
  Open(900003, 3, "anon_inode:gpio-line", "gpio-chip:\tgpiochip0\ngpio-line:\t4\ngpio-line:\t17\n");
  EXPECT_EQ(Holder(), "900003");
}

TEST_F(GpioHolderTest, WeAreNotTheOther) {
  Open(getpid(), 3, "/dev/gpiochip0");
  EXPECT_EQ(Holder(), "none");
}

}  // namespace
}  // namespace lastgood
