// SPDX-License-Identifier: MIT
// What can be in the way of a line on a real kernel: each is named with its holder or its remedy,
// and the board does not notice.
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <filesystem>

#include "contract_gpio/gpio_wiring.h"
#include "device/gpio_chips.h"
#include "host/processes.h"
#include "support/other_process.h"

namespace lastgood::test {
namespace {

namespace fs = std::filesystem;

class GpioTroubleTest : public testing::Test {
 protected:
  // What opening both lines says; empty when it works.
  Error Trouble(const GpioLineSpec& reset = ResetLine(), const GpioLineSpec& boot = BootLine()) {
    const auto lines = OpenGpiodLines(reset, boot, clock_);
    return lines ? Error{} : lines.error();
  }
  void ExpectUntouched(unsigned offset) {
    EXPECT_FALSE(chip_.Info(offset).Has(GPIO_V2_LINE_FLAG_USED));
    EXPECT_TRUE(chip_.Level(offset));
  }

  VirtualClock clock_;
  SimulatedChip chip_{"contract-chip", ContractNames()};
};

TEST_F(GpioTroubleTest, BusyLineNamesTheProcessThatHoldsIt) {
  PullToReleased(chip_, ResetLine(), BootLine());
  for (const unsigned busy : {kReset, kBoot}) {
    const OtherProcess holder([&] {
      if (RequestLineAsSomebody(chip_.path(), busy, "somebody") < 0) _exit(1);
    });
    const Error trouble = Trouble();
    EXPECT_EQ(trouble.code, ExitCode::kBusy);
    EXPECT_EQ(trouble.message, fmt::format("GPIO line '{}' is in use by 'somebody', {}",
                                           busy == kReset ? "CONTRACT_RESET" : "CONTRACT_BOOT",
                                           DescribeProcess(holder.pid())));
    EXPECT_EQ(trouble.hint, "end that program first");
    ExpectUntouched(busy == kReset ? kBoot : kReset);
  }
  EXPECT_EQ(Trouble().message, "");
}

TEST_F(GpioTroubleTest, HolderThroughTheFirstInterfaceIsAGuess) {
  const int probe = RequestLineThroughFirstInterface(chip_.path(), kReset, "probe");
  if (probe < 0) {  // a kernel without that interface has no such holders
    ASSERT_EQ(errno, EINVAL);
    return;
  }
  close(probe);
  const OtherProcess holder([&] {
    if (RequestLineThroughFirstInterface(chip_.path(), kReset, "somebody") < 0) _exit(1);
  });
  const Error trouble = Trouble();
  EXPECT_EQ(trouble.code, ExitCode::kBusy);
  EXPECT_EQ(trouble.message, "GPIO line 'CONTRACT_RESET' is in use by 'somebody'");
  EXPECT_EQ(trouble.hint, fmt::format("end that program first; {} uses GPIO lines",
                                      DescribeProcess(holder.pid())));
}

TEST_F(GpioTroubleTest, TheSameLinesTwiceInOneRunAreBusy) {
  const auto lines = Open(ResetLine(), BootLine(), clock_);
  const Error trouble = Trouble();
  EXPECT_EQ(trouble.code, ExitCode::kBusy);
  EXPECT_EQ(trouble.message, "GPIO line 'CONTRACT_RESET' is in use by 'lastgood'");
  EXPECT_EQ(trouble.hint, "each board needs lines of its own");
}

TEST_F(GpioTroubleTest, LineOfTheKernelNamesItsDriver) {
  const SimulatedChip hogged("contract-hogged", {{0, "HOGGED"}}, {{0, "onewire"}});
  const Error trouble = Trouble({"HOGGED", {}, {}});
  EXPECT_EQ(trouble.code, ExitCode::kBusy);
  EXPECT_EQ(trouble.message, "GPIO line 'HOGGED' is in use by 'onewire'");
  EXPECT_EQ(trouble.hint,
            "a driver of the kernel holds it: remove the overlay that claims the line from "
            "config.txt");
}

TEST_F(GpioTroubleTest, WrongNameComesWithTheNearestAndTheChips) {
  Error trouble = Trouble({"CONTRACT_REST", {}, {}});
  EXPECT_EQ(trouble.code, ExitCode::kBoard);
  EXPECT_TRUE(trouble.message.starts_with("there is no GPIO line 'CONTRACT_REST' among those of "))
      << trouble.message;
  EXPECT_NE(trouble.message.find(fmt::format("{} (contract-chip, 8 lines)", chip_.name())),
            std::string::npos)
      << trouble.message;
  EXPECT_EQ(trouble.hint, "did you mean 'CONTRACT_RESET'? gpioinfo lists all names");

  trouble = Trouble({{}, "contract-chip", 8});
  EXPECT_EQ(trouble.message, "there is no GPIO line 'contract-chip:8'");
  EXPECT_EQ(trouble.hint,
            fmt::format("{} (contract-chip, 8 lines) has offsets from 0 to 7", chip_.name()));
  trouble = Trouble({{}, "contract-chop", 3});
  EXPECT_EQ(trouble.message, "there is no GPIO chip 'contract-chop' for line 'contract-chop:3'");
  EXPECT_EQ(
      Trouble(ResetLine(), {{}, chip_.name(), kReset}).message,
      fmt::format("reset and boot are the same GPIO line: CONTRACT_RESET/{}:3", chip_.name()));
}

TEST_F(GpioTroubleTest, NameOnSeveralChipsNeedsTheChip) {
  const SimulatedChip other("contract-other", {{0, "CONTRACT_RESET"}});
  const Error trouble = Trouble();
  EXPECT_EQ(trouble.code, ExitCode::kBoard);
  EXPECT_EQ(trouble.message,
            fmt::format("GPIO line 'CONTRACT_RESET' exists on {} (contract-chip) and on {} "
                        "(contract-other)",
                        chip_.name(), other.name()));
  EXPECT_EQ(trouble.hint, "say which one: chip = \"contract-chip\"");
  EXPECT_EQ(Trouble({"CONTRACT_RESET", "contract-chip", {}}).message, "");
  EXPECT_EQ(Trouble({"CONTRACT_RESET", other.name(), {}}).message, "");
}

// As /dev/gpiochip4 is of /dev/gpiochip0 on a Raspberry Pi 5.
TEST_F(GpioTroubleTest, SecondNameOfAChipIsNoSecondChip) {
  struct stat status {};
  ASSERT_EQ(stat(chip_.path().c_str(), &status), 0);
  const std::string link = "/dev/gpiochip-contract-link";
  const std::string node = "/dev/gpiochip-contract-node";
  ASSERT_EQ(symlink(chip_.name().c_str(), link.c_str()), 0);
  ASSERT_EQ(mknod(node.c_str(), S_IFCHR | 0600, status.st_rdev), 0);
  EXPECT_EQ(Trouble().message, "");
  std::size_t count = 0;
  for (const GpioChip& chip : ListGpioChips().chips)
    if (chip.label == "contract-chip") ++count;
  EXPECT_EQ(count, 1U);
  EXPECT_EQ(unlink(link.c_str()), 0);
  EXPECT_EQ(unlink(node.c_str()), 0);
}

// All chips of this host: one that may be opened could have the line.
void ChangeAllChips(gid_t group, mode_t mode) {
  for (const std::string& path : GpioChipPaths("/dev")) {
    EXPECT_EQ(chown(path.c_str(), 0, group), 0);
    EXPECT_EQ(chmod(path.c_str(), mode), 0);
  }
}

TEST_F(GpioTroubleTest, ForbiddenChipNamesTheGroupThatMayUseIt) {
  const auto trouble_of_nobody = [&] {
    return ComputeAsNobody([&] {
      const Error trouble = Trouble();
      return fmt::format("{}; {}", trouble.message, trouble.hint);
    });
  };
  const std::string start = "cannot use GPIO line 'CONTRACT_RESET': no permission to open /dev/";
  constexpr gid_t kDialout = 20;
  ChangeAllChips(kDialout, 0660);
  std::string text = trouble_of_nobody();
  EXPECT_TRUE(text.starts_with(start)) << text;
  EXPECT_NE(text.find(chip_.path()), std::string::npos) << text;
  EXPECT_TRUE(
      text.ends_with("; add the user to group 'dialout': sudo usermod -aG dialout $USER, "
                     "then log in again"))
      << text;
  ChangeAllChips(0, 0600);
  text = trouble_of_nobody();
  EXPECT_TRUE(text.starts_with(start)) << text;
  EXPECT_TRUE(text.ends_with("; run it with sudo: only root may open it")) << text;
}

// From here on the kernel answers this process as one that was built without the first interface.
void LoseFirstInterface() {
  constexpr std::uint32_t kRequest = offsetof(seccomp_data, args) + sizeof(std::uint64_t);
  constexpr std::uint32_t kRefuse = SECCOMP_RET_ERRNO | EINVAL;
  sock_filter filter[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, kRequest),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, GPIO_GET_LINEINFO_IOCTL, 1, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, GPIO_GET_LINEHANDLE_IOCTL, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, kRefuse),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog program{sizeof filter / sizeof *filter, filter};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
      prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
    _exit(98);
}

TEST_F(GpioTroubleTest, KernelWithoutTheFirstInterfaceNeedsTheSecondLibrary) {
  ChangeAllChips(0, 0666);
  const std::string text = ComputeAsNobody([&] {
    LoseFirstInterface();
    const Error trouble = Trouble();
    return fmt::format("{}; {}", trouble.message, trouble.hint);
  });
  if (UsesFirstInterface()) {
    EXPECT_TRUE(
        text.starts_with("cannot use GPIO line 'CONTRACT_RESET': this kernel does not "
                         "offer /dev/"))
        << text;
    EXPECT_NE(text.find("to the libgpiod of this build; kernels from Linux 5.10 on speak to a "
                        "build with libgpiod 2"),
              std::string::npos)
        << text;
  } else {
    EXPECT_EQ(text, "; ");
  }
  ChangeAllChips(0, 0600);
}

}  // namespace
}  // namespace lastgood::test
