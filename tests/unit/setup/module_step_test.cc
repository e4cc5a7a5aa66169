// SPDX-License-Identifier: MIT
#include "setup/module_step.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "setup_fixture.h"
#include "step_mistake.h"

namespace lastgood {
namespace {

using test::Must;
using Argvs = std::vector<Argv>;

std::string StepOf(const std::string& module, const std::string& more = "") {
  return "[[step]]\nkind = \"module\"\nmodule = \"" + module + "\"\n" + more;
}

class ModuleStepTest : public testing::Test {
 protected:
  ModuleStepTest() {
    AddKernel("6.1.0-v7", host_);
    host_.Write("/etc/modules-load.d/modules.conf", "");
  }
  static void AddKernel(const std::string& release, test::TestHost& host) {
    const std::string directory = "/lib/modules/" + release;
    host.Write(directory + "/modules.dep",
               "kernel/drivers/i2c/i2c-dev.ko.xz: kernel/drivers/i2c/i2c_core.ko.xz\n"
               "kernel/drivers/spi/spidev.ko:\nkernel/snd.ko.zst:\n");
    host.Write(directory + "/modules.builtin", "kernel/drivers/tty/serial/8250/8250.ko\n");
  }
  std::vector<Change> PendingOf(const std::string& text) {
    return Must(host_.Make(text)->Pending());
  }
  Error FailureOf(const std::string& text) {
    const auto pending = host_.Make(text)->Pending();
    EXPECT_FALSE(pending);
    return pending ? Error{} : pending.error();
  }

  test::TestHost host_;
};

TEST_F(ModuleStepTest, FileSaysWhatIsLoadedAndGoesAgain) {
  const std::string step = StepOf("i2c-dev", "options = \"bufsiz=8192 debug=1\"\n");
  EXPECT_EQ(Must(host_.Run(step)).changed, 1U);
  EXPECT_EQ(host_.Read("/etc/modules-load.d/lastgood-i2c-dev.conf"), "i2c-dev\n");
  EXPECT_EQ(host_.Read("/etc/modprobe.d/lastgood-i2c-dev.conf"),
            "options i2c-dev bufsiz=8192 debug=1\n");
  EXPECT_EQ(Must(host_.Run(step)).changed, 0U);
  const UndoSummary undone = host_.UndoAll();
  EXPECT_TRUE(undone.failures.empty() && undone.conflicts.empty());
  EXPECT_FALSE(host_.Exists("/etc/modules-load.d/lastgood-i2c-dev.conf"));
  // It was not there before.
  EXPECT_FALSE(host_.Exists("/etc/modprobe.d"));
}

TEST_F(ModuleStepTest, OtherOptionsReplaceThoseOfAnEarlierRun) {
  Must(host_.Run(StepOf("spidev", "options = \"bufsiz=1\"\n")));
  EXPECT_EQ(Must(host_.Run(StepOf("spidev", "options = \"bufsiz=2\"\n"))).changed, 1U);
  EXPECT_EQ(host_.Read("/etc/modprobe.d/lastgood-spidev.conf"), "options spidev bufsiz=2\n");
}

TEST_F(ModuleStepTest, ModuleThatIsLoadedAlreadyAtStartIsDone) {
  const std::pair<const char*, const char*> files[] = {
      {"/etc/modules", "# x\n\ni2c-dev\n"},
      {"/etc/modules", "i2c_dev\n"},
      {"/etc/modules-load.d/x.conf", "spidev\n i2c-dev \n"},
      {"/usr/lib/modules-load.d/x.conf", "i2c-dev"},
  };
  for (const auto& [path, text] : files) {
    test::TestHost host;
    host.Write(path, text);
    EXPECT_TRUE(Must(host.Make(StepOf("i2c-dev"))->Pending()).empty()) << path << text;
  }
}

TEST_F(ModuleStepTest, WhatDoesNotCountIsNotLoadedAtStart) {
  const std::pair<const char*, const char*> files[] = {
      {"/etc/modules", "#i2c-dev\n; i2c-dev\n"},
      {"/etc/modules-load.d/x.txt", "i2c-dev\n"},
      {"/etc/modules-load.d/x.conf", "i2c-dev-other\n"},
  };
  for (const auto& [path, text] : files) {
    test::TestHost host;
    host.Write(path, text);
    EXPECT_FALSE(Must(host.Make(StepOf("i2c-dev"))->Pending()).empty()) << path << text;
  }
  // The same name below /etc stands for it.
  host_.Write("/usr/lib/modules-load.d/x.conf", "i2c-dev\n");
  EXPECT_TRUE(PendingOf(StepOf("i2c-dev")).empty());
  std::filesystem::create_symlink("/dev/null", host_.At("/etc/modules-load.d/x.conf"));
  EXPECT_FALSE(PendingOf(StepOf("i2c-dev")).empty());
}

TEST_F(ModuleStepTest, HostThatRunsLoadsItNow) {
  host_.host().is_running = true;
  host_.Write("/proc/sys/kernel/osrelease", "6.1.0-v7\n");
  host_.Write("/etc/modules", "i2c-dev\n");
  const auto changes = PendingOf(StepOf("i2c-dev"));
  ASSERT_EQ(changes.size(), 1U);
  const auto& load = std::get<CommandChange>(changes[0].what);
  EXPECT_EQ(load.apply, (Argvs{{"modprobe", "i2c-dev"}}));
  EXPECT_EQ(load.undo, (Argvs{{"modprobe", "-r", "i2c-dev"}}));
  std::filesystem::create_directories(host_.At("/sys/module/i2c_dev"));
  EXPECT_TRUE(PendingOf(StepOf("i2c-dev")).empty());
}

TEST_F(ModuleStepTest, PartOfTheKernelIsDone) {
  EXPECT_TRUE(PendingOf(StepOf("8250")).empty());
  EXPECT_EQ(FailureOf(StepOf("8250", "options = \"nr_uarts=4\"\n")).message,
            "'8250' is built into the kernel and takes no options from modprobe");
  // A card may start with either of its kernels.
  host_.Write("/lib/modules/6.6/modules.dep", "kernel/8250.ko:\n");
  EXPECT_EQ(PendingOf(StepOf("8250")).size(), 1U);
}

TEST_F(ModuleStepTest, ModuleThatNoKernelHasIsAFailure) {
  const Error error = FailureOf(StepOf("i2cdev"));
  EXPECT_EQ(error.code, ExitCode::kSetupFailed);
  EXPECT_EQ(error.message, "the kernel has no module 'i2cdev'");
}

TEST_F(ModuleStepTest, RunningKernelIsTheOneThatCounts) {
  host_.host().is_running = true;
  host_.Write("/proc/sys/kernel/osrelease", "6.6\n");
  host_.Write("/lib/modules/6.6/modules.dep", "kernel/other.ko:\n");
  EXPECT_EQ(FailureOf(StepOf("spidev")).message, "the kernel has no module 'spidev'");
}

TEST_F(ModuleStepTest, MistakesAreSaidWithTheirPlace) {
  test::ExpectMistakes(
      "module", host_.host(),
      {
          {"", "'module'"},
          {"module = \"a b\"",
           "recipe.toml:3:10: error: 'module' must be the name of a kernel module"},
          {"module = \"../x\"", "must be the name of a kernel module"},
          {"module = \"-r\"", "must be the name of a kernel module"},
          {"module = \"spidev\"\noptions = \" \"", "recipe.toml:4:11: error: 'options' must say"},
          {"module = \"spidev\"\noptions = \"a\\nb\"", "recipe.toml:4:11: error"},
          {"module = \"spidev\"\noption = \"a\"", "did you mean 'options'?"},
      });
}

}  // namespace
}  // namespace lastgood
