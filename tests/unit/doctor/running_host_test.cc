// SPDX-License-Identifier: MIT
// What only a running host knows: who has the device, whether a line is in use, what the kernel
// lets this user do.
#include <gtest/gtest.h>

#include <algorithm>

#include "doctor/doctor.h"
#include "support/host_vector.h"
#include "support/temporary_directory.h"

namespace lastgood {
namespace {

namespace fs = std::filesystem;

class RunningHostTest : public testing::Test {
 protected:
  // A Pi 4 on which everything is right.
  RunningHostTest() {
    const fs::path vectors = LASTGOOD_SOURCE_DIR "/tests/vectors/hosts";
    test::BuildHost(vectors / "pi-4-bookworm-ready.host", directory_.path());
    const fs::path recipe = LASTGOOD_SOURCE_DIR "/recipes/espiot-phat.toml";
    board_ = {"espiot-phat", ParseRecipe(test::ReadText(recipe), recipe.string())->board, ""};
    view_ = std::make_unique<HostView>(MakeHostView(directory_.path(), board_));
  }

  void HeldBy(pid_t pid, const std::string& name) {
    view_->find_holder = [pid, name](const std::string& path) -> std::optional<DeviceHolder> {
      if (path != "/dev/ttyAMA0") return std::nullopt;
      return DeviceHolder{pid, name};
    };
  }

  // Those that are neither right nor only worth knowing.
  Findings Examined() {
    Findings found = Examine(*view_);
    found.erase(std::remove_if(found.begin(), found.end(),
                               [](const Finding& finding) {
                                 return finding.verdict == FindingVerdict::kOk ||
                                        finding.verdict == FindingVerdict::kNote;
                               }),
                found.end());
    return found;
  }

  static GpioChips Chips(const std::string& consumer, bool used) {
    GpioChip chip{"/dev/gpiochip0", "gpiochip0", "pinctrl-bcm2711", {}};
    for (int i = 0; i < 28; ++i) chip.lines.push_back({"GPIO" + std::to_string(i), "", false});
    chip.lines[17].consumer = consumer;
    chip.lines[17].used = used;
    return {{chip}, {}};
  }

  test::TemporaryDirectory directory_;
  BoardQuestion board_;
  std::unique_ptr<HostView> view_;
};

TEST_F(RunningHostTest, NothingIsWrong) {
  EXPECT_TRUE(Examined().empty());
  EXPECT_EQ(ExitCodeOf(Examine(*view_)), ExitCode::kDone);
}

TEST_F(RunningHostTest, HolderIsNamedWithItsRemedy) {
  struct Row {
    const char* name;
    const char* text;
    const char* remedy;
  };
  constexpr Row kRows[] = {
      {"picocom", "/dev/ttyAMA0 is in use by process 4712 (picocom)",
       "end that program: kill 4712"},
      {"agetty", "/dev/ttyAMA0 is in use by process 4712 (agetty)",
       "sudo systemctl disable --now serial-getty@ttyAMA0"},
      {"hciattach", "/dev/ttyAMA0 is in use by process 4712 (hciattach)",
       "sudo systemctl disable --now hciuart"},
      {"ModemManager", "/dev/ttyAMA0 is in use by process 4712 (ModemManager)",
       "wait half a minute, or: sudo systemctl disable --now ModemManager"},
      {"", "/dev/ttyAMA0 is in use by process 4712", "end that program: kill 4712"},
  };
  for (const Row& row : kRows) {
    HeldBy(4712, row.name);
    const Findings found = Examined();
    ASSERT_EQ(found.size(), 1U) << row.name;
    EXPECT_EQ(found[0].check, "serial-holder");
    EXPECT_EQ(found[0].verdict, FindingVerdict::kProblem);
    EXPECT_EQ(found[0].text, row.text);
    EXPECT_EQ(found[0].remedy, row.remedy);
    EXPECT_EQ(ExitCodeOf(found), ExitCode::kBusy);
  }
}

TEST_F(RunningHostTest, WithoutRootOtherPeoplesProgramsAreUnknown) {
  view_->find_holder = [](const std::string&) { return std::nullopt; };
  const Findings found = Examined();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].check, "serial-holder");
  EXPECT_EQ(found[0].verdict, FindingVerdict::kUnknown);
  EXPECT_EQ(found[0].remedy, "sudo fuser -v /dev/ttyAMA0");
  view_->user.uid = 0;
  EXPECT_TRUE(Examined().empty());
}

TEST_F(RunningHostTest, UsedLineIsBusy) {
  view_->list_gpio_chips = [] { return Chips("w1", true); };
  const Findings found = Examined();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].check, "gpio-holder");
  EXPECT_EQ(found[0].text, "GPIO line 'GPIO17' is in use by 'w1'");
  EXPECT_EQ(ExitCodeOf(found), ExitCode::kBusy);
  view_->list_gpio_chips = [] { return Chips("", true); };
  EXPECT_EQ(Examined().at(0).text, "GPIO line 'GPIO17' is in use by the kernel");
  view_->list_gpio_chips = [] { return Chips("gpioset", true); };
  view_->find_gpio_holder = [](const GpioPlace& place) -> std::optional<DeviceHolder> {
    if (place.offset != 17) return std::nullopt;
    return DeviceHolder{4713, "gpioset"};
  };
  EXPECT_EQ(Examined().at(0).text,
            "GPIO line 'GPIO17' is in use by 'gpioset', process 4713 (gpioset)");
  EXPECT_EQ(Examined().at(0).remedy, "end that program: kill 4713");
  view_->list_gpio_chips = [] { return Chips("", false); };
  EXPECT_TRUE(Examined().empty());
}

TEST_F(RunningHostTest, ForbiddenChipsAreReadFromTheDeviceTree) {
  view_->list_gpio_chips = [] { return GpioChips{{}, {"/dev/gpiochip0"}}; };
  EXPECT_TRUE(Examined().empty());
  fs::remove_all(directory_ / "proc/device-tree/soc/gpio@7e200000");
  const Findings found = Examined();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].check, "gpio-lines");
  EXPECT_EQ(found[0].verdict, FindingVerdict::kUnknown);
}

TEST_F(RunningHostTest, BusyAloneHasItsOwnExitCode) {
  HeldBy(4712, "picocom");
  EXPECT_EQ(ExitCodeOf(Examine(*view_)), ExitCode::kBusy);
  view_->list_gpio_chips = [] { return GpioChips{{{"", "x", "x", {}}}, {}}; };
  EXPECT_EQ(ExitCodeOf(Examine(*view_)), ExitCode::kBoard);
}

TEST_F(RunningHostTest, KernelsWordOnAccessCounts) {
  for (const bool usable : {true, false}) {
    view_->node_status = [usable](const std::string&) {
      return NodeStatus{0, 20, usable ? 0600U : 0660U, usable};
    };
    EXPECT_EQ(Examined().empty(), usable);
  }
}

TEST_F(RunningHostTest, WithoutABoardNothingIsAProblem) {
  view_->board.reset();
  HeldBy(4712, "picocom");
  EXPECT_TRUE(Examined().empty());
  EXPECT_EQ(ExitCodeOf(Examine(*view_)), ExitCode::kDone);
}

TEST_F(RunningHostTest, ThisVeryHostCanBeExamined) {
  for (const bool with_board : {false, true}) {
    const HostView view =
        MakeHostView("/", with_board ? std::optional(board_) : std::optional<BoardQuestion>());
    EXPECT_TRUE(view.user.uid);
    EXPECT_FALSE(Examine(view).empty());
  }
}

}  // namespace
}  // namespace lastgood
