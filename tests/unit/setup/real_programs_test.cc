// SPDX-License-Identifier: MIT
// Steps with real programs on a real directory tree: apply, a second run, undo.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <string>

#include "host/process_runner.h"
#include "setup/setup_runner.h"
#include "setup/step.h"
#include "setup_fixture.h"
#include "support/temporary_directory.h"

namespace lastgood {
namespace {

namespace fs = std::filesystem;

using test::Must;
using test::RecordingLog;

class RealProgramsTest : public testing::Test {
 protected:
  void SetUp() override { test::WriteText(root_ / "config", "enable_uart=0\n"); }

  // Two steps that work, and a third that ends as it is told to.
  std::vector<PlannedStep> Steps(const std::string& third_apply = "true",
                                 const std::string& third_check = "true") {
    const std::string root = root_.path().string();
    return Planned(fmt::format(R"(
[[step]]
kind = "command"
name = "rule"
check = ["test", "-f", "{0}/rules/a rule"]
apply = ["sh", "-c", "mkdir -p '{0}/rules' && echo x > '{0}/rules/a rule'"]
undo = ["rm", "-rf", "{0}/rules"]

[[step]]
kind = "command"
name = "uart"
check = ["grep", "-qx", "enable_uart=1", "{0}/config"]
apply = ["sed", "-i", "s/enable_uart=0/enable_uart=1/", "{0}/config"]
undo = ["sed", "-i", "s/enable_uart=1/enable_uart=0/", "{0}/config"]

[[step]]
kind = "command"
name = "third"
check = ["{2}"]
apply = ["{1}"]
undo = ["true"]
timeout_s = 10
)",
                               root, third_apply, third_check));
  }

  std::vector<PlannedStep> Planned(const std::string& text) {
    std::vector<PlannedStep> steps;
    for (auto& step : Must(MakeSteps(test::SpecsOf(text), host_)))
      steps.push_back({std::move(step), {}});
    return steps;
  }
  Result<SetupSummary> Run(std::vector<PlannedStep> steps) {
    return RunSteps(steps, host_, contents_, log_, interrupt_, {});
  }

  std::map<std::string, std::string> Tree() const {
    std::map<std::string, std::string> tree;
    for (const auto& entry : fs::recursive_directory_iterator(root_.path()))
      tree[entry.path().string()] =
          entry.is_regular_file() ? test::ReadText(entry.path()) : "directory";
    return tree;
  }

  test::TemporaryDirectory root_;
  PosixProcessRunner runner_;
  SetupHost host_ = OpenSetupHost("/", runner_, "", "");
  test::TemporaryDirectory kept_;
  ContentStore contents_{kept_ / "contents"};
  RecordingLog log_;
  Interrupt interrupt_;
};

TEST_F(RealProgramsTest, ApplyThenNothingThenUndoRestoresTheTree) {
  const auto before = Tree();
  const SetupSummary first = Must(Run(Steps()));
  EXPECT_EQ(first.changed, 2U);
  EXPECT_EQ(first.done_already, 1U);
  const auto after = Tree();
  EXPECT_NE(after, before);

  const SetupSummary second = Must(Run(Steps()));
  EXPECT_EQ(second.changed, 0U);
  EXPECT_EQ(second.done_already, 3U);
  EXPECT_EQ(Tree(), after);

  const UndoSummary undone = Must(UndoChanges(Must(log_.Made()), host_, contents_, log_));
  EXPECT_EQ(undone.undone, (std::vector<std::string>{"command: uart", "command: rule"}));
  EXPECT_TRUE(undone.failures.empty());
  EXPECT_EQ(Tree(), before);
}

TEST_F(RealProgramsTest, FailureRestoresTheTree) {
  const auto before = Tree();
  const auto summary = Run(Steps("false", "false"));
  ASSERT_FALSE(summary);
  EXPECT_EQ(summary.error().code, ExitCode::kSetupFailed);
  EXPECT_EQ(summary.error().message, "'command: third': 'false' failed with exit status 1; undone");
  EXPECT_EQ(Tree(), before);
}

TEST_F(RealProgramsTest, ProgramThatIsMissingRestoresTheTree) {
  const auto before = Tree();
  const auto summary = Run(Steps("/nonexistent/program", "false"));
  ASSERT_FALSE(summary);
  EXPECT_NE(summary.error().message.find("/nonexistent/program"), std::string::npos);
  EXPECT_EQ(Tree(), before);
}

TEST_F(RealProgramsTest, NoShellReadsTheArguments) {
  const std::string root = root_.path().string();
  const auto summary =
      Run(Planned(fmt::format("[[step]]\nkind = \"command\"\nname = \"n\"\n"
                              "check = [\"test\", \"-f\", \"{0}/$HOME;x\"]\n"
                              "apply = [\"touch\", \"{0}/$HOME;x\"]\n",
                              root)));
  EXPECT_EQ(Must(summary).changed, 1U);
  EXPECT_TRUE(fs::exists(root_ / "$HOME;x"));
}

}  // namespace
}  // namespace lastgood
