// SPDX-License-Identifier: MIT
// What the kind accepts, claims and says; what it does to files: boot_files_test.cc.
#include "setup/kernel_cmdline_step.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "setup_fixture.h"

namespace lastgood {
namespace {

using test::Must;
using test::SpecOf;
using test::TestHost;

std::string StepText(const std::string& fields) {
  return "[[step]]\nkind = \"kernel-cmdline\"\n" + fields + "\n";
}

TEST(KernelCmdlineStep, SaysWhatItIsAndWhatItClaims) {
  TestHost host;
  const auto step =
      host.Make(StepText("add = [\"quiet\"]\nremove = [\"console=serial0,115200\", \"splash*\"]"));
  EXPECT_EQ(step->Describe(), "kernel-cmdline: quiet, no console=serial0,115200, no splash*");
  EXPECT_EQ(test::ClaimsOf(*step),
            (std::vector<std::string>{"kernel-cmdline quiet: there",
                                      "kernel-cmdline console=serial0,115200: gone",
                                      "kernel-cmdline splash*: gone"}));
}

TEST(KernelCmdlineStep, RefusesWhatIsNoWord) {
  struct Row {
    const char* fields;
    const char* message;
  };
  const Row kRows[] = {
      {"", "1:1: error: the step needs 'add' or 'remove'"},
      {"add = []\nremove = []", "the step needs 'add' or 'remove'"},
      {"add = [\"a b\"]", "3:7: error: 'a b' is not one word; several are several strings"},
      {"add = [\"\"]", "'' is not one word"},
      {"add = [\" a\"]", "' a' is not one word"},
      {"add = [\"a\\nb\"]", "a word of the command line must be printable ASCII"},
      {"add = [\"x=\\\"a b\"]", "begins a quotation that does not end"},
      {"add = [\"--\"]", "'--' ends the kernel's words"},
      {"remove = [\"*\"]", "in '*' a * may stand at the end only, behind something"},
      {"remove = [\"a*b\"]", "in 'a*b' a * may stand at the end only"},
      {"add = [\"console=tty1\"]\nremove = [\"console=*\"]",
       "'console=tty1' is removed by the same step"},
      {"add = \"quiet\"", "must be"},
      {"ad = [\"quiet\"]", "did you mean 'add'?"},
  };
  TestHost host;
  for (const Row& row : kRows) {
    const auto made = MakeStep(SpecOf(StepText(row.fields)), host.host());
    ASSERT_FALSE(made) << row.fields;
    EXPECT_EQ(made.error().code, ExitCode::kInvalidManifest);
    EXPECT_NE(made.error().message.find(row.message), std::string::npos) << made.error().message;
  }
  // A star is an ordinary character of a word that is added.
  EXPECT_TRUE(MakeStep(SpecOf(StepText("add = [\"modules=*\"]")), host.host()));
}

TEST(KernelCmdlineStep, LooksAtTheFileAndNotAtTheKernel) {
  TestHost host;
  host.Write("/boot/config.txt", "");
  host.Write("/boot/cmdline.txt", "root=/dev/mmcblk0p2\n");
  host.Write("/proc/cmdline", "root=/dev/mmcblk0p2 console=serial0,115200\n");
  host.Reopen();
  EXPECT_TRUE(Must(host.Make(StepText("remove = [\"console=serial0*\"]"))->Pending()).empty());
}

}  // namespace
}  // namespace lastgood
