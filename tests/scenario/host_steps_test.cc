// SPDX-License-Identifier: MIT
// Host steps in whole runs: recorded before they are made, undone when something fails or a person
// asks, taken up again after a kill or a reboot.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <string>
#include <vector>

#include "run/state_table.h"
#include "scenario/workbench.h"

namespace lastgood::test {
namespace {

using Kind = sim::ImageRequest::Kind;

class HostSteps : public testing::Test {
 protected:
  HostSteps()
      : older_(bench_.Make(Kind::kMicropython, "1.9.3", 2)),
        good_(bench_.Make(Kind::kMicropython, "1.22.1")) {}

  std::string Path(const std::string& name) const { return (bench_.directory / name).string(); }
  bool Exists(const std::string& name) const {
    return std::filesystem::exists(bench_.directory / name);
  }
  std::string Read(const std::string& name) const { return ReadText(bench_.directory / name); }

  std::string FileStep(const std::string& name, const std::string& content) const {
    return fmt::format(
        "[[step]]\nkind = \"file\"\nname = \"{}\"\npath = \"{}\"\ncontent = \"{}\"\n", name,
        Path(name), content);
  }
  static std::string FailingStep() {
    return "[[step]]\nkind = \"command\"\nname = \"no\"\ncheck = [\"false\"]\napply = "
           "[\"false\"]\nundo = [\"true\"]\n";
  }
  std::string RebootStep(const std::string& expected = "") const {
    return "[[step]]\nkind = \"reboot\"\n" +
           (expected.empty() ? "" : fmt::format("expect = [\"{}\"]\n", Path(expected)));
  }

  RunOutcome Run(RunOptions options = {}) {
    return bench_.Provision(good_, {older_}, std::move(options));
  }
  RunOutcome Resumed() {
    const auto outcome = bench_.Resume();
    EXPECT_TRUE(outcome) << "there was nothing to resume";
    return outcome.value_or(RunOutcome{});
  }

  Workbench bench_;
  Firmware older_;
  Firmware good_;
};

TEST_F(HostSteps, ChangesAreUndoneOctetByOctet) {
  WriteText(bench_.directory / "a", "before\n");
  bench_.steps = FileStep("a", "after") + FileStep("b", "new");
  const RunOutcome run = Run();
  ASSERT_EQ(run.code, ExitCode::kDone) << run.text;
  EXPECT_EQ(Read("a"), "after");
  EXPECT_EQ(Read("b"), "new");
  const RunOutcome undone = bench_.UndoHost();
  EXPECT_EQ(undone.code, ExitCode::kDone) << undone.text;
  EXPECT_TRUE(undone.changed);
  EXPECT_EQ(Read("a"), "before\n");
  EXPECT_FALSE(Exists("b"));
  EXPECT_EQ(bench_.UndoHost().text, "Nothing is left to undo.");
  EXPECT_EQ(bench_.Running(), "MicroPython 1.22.1") << "the board is not the host";
}

TEST_F(HostSteps, FailedStepUndoesTheEarlierOnes) {
  WriteText(bench_.directory / "a", "before\n");
  bench_.steps = FileStep("a", "after") + FileStep("b", "new") + FailingStep();
  const RunOutcome run = Run();
  EXPECT_EQ(run.code, ExitCode::kSetupFailed);
  EXPECT_NE(run.text.find("; undone"), std::string::npos) << run.text;
  EXPECT_EQ(Read("a"), "before\n");
  EXPECT_FALSE(Exists("b"));
  EXPECT_EQ(bench_.connects, 0);
  EXPECT_EQ(bench_.UndoHost().text, "Nothing is left to undo.");
}

TEST_F(HostSteps, KeepGoingLeavesWhatWasMade) {
  bench_.steps = FileStep("a", "x") + FailingStep() + FileStep("b", "y");
  RunOptions options;
  options.keep_going = true;
  EXPECT_EQ(Run(options).code, ExitCode::kSetupFailed);
  EXPECT_TRUE(Exists("a"));
  EXPECT_TRUE(Exists("b"));
  EXPECT_EQ(bench_.UndoHost().code, ExitCode::kDone);
  EXPECT_FALSE(Exists("a"));
}

TEST_F(HostSteps, FileThatWasChangedSinceStays) {
  bench_.steps = FileStep("a", "ours\\n") + FileStep("b", "new");
  ASSERT_EQ(Run().code, ExitCode::kDone);
  WriteText(bench_.directory / "a", "ours\nand a line of somebody else\n");
  bench_.reporter.stages.clear();
  const RunOutcome undone = bench_.UndoHost();
  EXPECT_EQ(undone.code, ExitCode::kSetupFailed);
  EXPECT_EQ(Read("a"), "ours\nand a line of somebody else\n");
  EXPECT_FALSE(Exists("b")) << "what nobody changed is taken back all the same";
  const auto& stages = bench_.reporter.stages;
  const auto shown = std::find_if(stages.begin(), stages.end(), [](const StageEvent& stage) {
    return stage.outcome == StageOutcome::kFail;
  });
  ASSERT_NE(shown, stages.end());
  EXPECT_NE(std::find(shown->details.begin(), shown->details.end(), "+and a line of somebody else"),
            shown->details.end());

  UndoRequest leave;
  leave.leave_changed = true;
  EXPECT_EQ(bench_.UndoHost(leave).code, ExitCode::kDone);
  EXPECT_EQ(Read("a"), "ours\nand a line of somebody else\n");
  EXPECT_EQ(bench_.UndoHost().text, "Nothing is left to undo.");
}

TEST_F(HostSteps, EarlierRunIsUndoneAfterTheLaterOne) {
  WriteText(bench_.directory / "a", "first\n");
  bench_.steps = FileStep("a", "second");
  const RunId earlier = Run().run;
  bench_.steps = FileStep("a", "third");
  const RunId later = Run().run;
  UndoRequest request;
  request.run = earlier;
  const RunOutcome refused = bench_.UndoHost(request);
  EXPECT_EQ(refused.code, ExitCode::kSetupFailed);
  EXPECT_NE(refused.hint.find(fmt::format("lastgood undo {}", later)), std::string::npos)
      << refused.hint;
  EXPECT_EQ(Read("a"), "third");
  EXPECT_EQ(bench_.UndoHost().code, ExitCode::kDone);
  EXPECT_EQ(Read("a"), "second");
  EXPECT_EQ(bench_.UndoHost(request).code, ExitCode::kDone);
  EXPECT_EQ(Read("a"), "first\n");
}

TEST_F(HostSteps, RemovingAManifestUndoesAllItsRuns) {
  WriteText(bench_.directory / "a", "first\n");
  bench_.steps = FileStep("a", "second");
  ASSERT_EQ(Run().code, ExitCode::kDone);
  bench_.steps = FileStep("a", "third") + FileStep("b", "new");
  ASSERT_EQ(Run().code, ExitCode::kDone);
  UndoRequest other;
  other.manifest = "another";
  EXPECT_EQ(bench_.UndoHost(other).code, ExitCode::kUsage) << "a slip is not nothing to do";
  UndoRequest ours;
  ours.manifest = "test";
  const RunOutcome removed = bench_.UndoHost(ours);
  EXPECT_EQ(removed.code, ExitCode::kDone) << removed.text;
  EXPECT_EQ(Read("a"), "first\n");
  EXPECT_FALSE(Exists("b"));
  EXPECT_EQ(bench_.UndoHost(ours).text, "Nothing of 'test' is left on this host.");
}

TEST_F(HostSteps, RollbackByHandLeavesTheHostAlone) {
  ASSERT_EQ(bench_.Provision(older_, {good_}).code, ExitCode::kDone);
  bench_.steps = FileStep("a", "x");
  ASSERT_EQ(Run().code, ExitCode::kDone);
  ASSERT_EQ(bench_.UndoHost().code, ExitCode::kDone);
  const RunOutcome back = bench_.RollBack();
  EXPECT_EQ(back.code, ExitCode::kDone) << back.text;
  EXPECT_EQ(bench_.BoardHealth(), "healthy 1.9.3");
  EXPECT_FALSE(Exists("a"));
}

TEST_F(HostSteps, RunThatDoesNotExistIsSaidToBeNone) {
  UndoRequest request;
  request.run = 4711;
  EXPECT_EQ(bench_.UndoHost(request).code, ExitCode::kUsage);
}

TEST_F(HostSteps, ManyStepsDoNotUseUpTheRunsTransitions) {
  for (int i = 0; i < 60; ++i) bench_.steps += FileStep(fmt::format("f{}", i), "x");
  EXPECT_EQ(Run().code, ExitCode::kDone);
}

TEST_F(HostSteps, HostAloneIsSetUpWithoutTheBoard) {
  bench_.steps = FileStep("a", "x");
  RunOptions options;
  options.host_only = true;
  const RunOutcome run = Run(options);
  EXPECT_EQ(run.code, ExitCode::kDone) << run.text;
  EXPECT_TRUE(run.changed);
  EXPECT_TRUE(Exists("a"));
  EXPECT_EQ(bench_.connects, 0);
  EXPECT_FALSE(Run(options).changed);
}

TEST_F(HostSteps, RebootIsAwaitedAndTheRunGoesOnBehindIt) {
  WriteText(bench_.directory / "device", "");
  bench_.steps = FileStep("a", "x") + RebootStep("device") + FileStep("b", "y");
  const RunOutcome waiting = Run();
  EXPECT_EQ(waiting.code, ExitCode::kRebootNeeded) << waiting.text;
  EXPECT_NE(waiting.hint.find("lastgood resume"), std::string::npos);
  EXPECT_TRUE(Exists("a"));
  EXPECT_FALSE(Exists("b"));
  EXPECT_EQ(bench_.connects, 0);

  EXPECT_EQ(Resumed().code, ExitCode::kRebootNeeded) << "it was not rebooted yet";
  bench_.boot_id = "boot-2";
  const RunOutcome done = Resumed();
  EXPECT_EQ(done.code, ExitCode::kDone) << done.text;
  EXPECT_TRUE(Exists("b"));
  EXPECT_EQ(bench_.Resume(), std::nullopt);
  EXPECT_EQ(Run().code, ExitCode::kDone) << "a second run needs no reboot";
}

TEST_F(HostSteps, UndoEndsTheRunThatWaitsForAReboot) {
  bench_.steps = FileStep("a", "x") + RebootStep();
  EXPECT_EQ(Run().code, ExitCode::kRebootNeeded);
  EXPECT_EQ(bench_.UndoHost().code, ExitCode::kDone);
  bench_.boot_id = "boot-2";
  EXPECT_EQ(bench_.Resume(), std::nullopt) << "it would make it all again";
  EXPECT_FALSE(Exists("a"));
}

TEST_F(HostSteps, ProvisioningAnewAfterTheRebootIsAsGoodAsResuming) {
  bench_.steps = FileStep("a", "x") + RebootStep();
  EXPECT_EQ(Run().code, ExitCode::kRebootNeeded);
  EXPECT_EQ(Run().code, ExitCode::kRebootNeeded) << "nobody rebooted";
  bench_.boot_id = "boot-2";
  EXPECT_EQ(Run().code, ExitCode::kDone);
}

TEST_F(HostSteps, HostThatComesBackWithoutWhatIsExpectedIsPutBack) {
  WriteText(bench_.directory / "a", "before\n");
  bench_.steps = FileStep("a", "x") + RebootStep("device");
  EXPECT_EQ(Run().code, ExitCode::kRebootNeeded);
  bench_.boot_id = "boot-2";
  const RunOutcome failed = Resumed();
  EXPECT_EQ(failed.code, ExitCode::kSetupFailed);
  EXPECT_NE(failed.text.find(Path("device")), std::string::npos) << failed.text;
  EXPECT_EQ(Read("a"), "before\n");
  EXPECT_EQ(bench_.Resume(), std::nullopt);
}

TEST_F(HostSteps, RebootsAreBounded) {
  bench_.steps = FileStep("a", "x") + RebootStep();
  EXPECT_EQ(Run().code, ExitCode::kRebootNeeded);
  for (int boot = 2; boot <= kRebootsMax; ++boot) {
    bench_.boot_id = fmt::format("boot-{}", boot);
    std::filesystem::remove(bench_.directory / "a");  // something on the host takes it away
    EXPECT_EQ(Resumed().code, ExitCode::kRebootNeeded) << boot;
  }
  bench_.boot_id = "boot-last";
  std::filesystem::remove(bench_.directory / "a");
  const RunOutcome ended = Resumed();
  EXPECT_EQ(ended.code, ExitCode::kSetupFailed) << ended.text;
  EXPECT_FALSE(Exists("a"));
  EXPECT_EQ(bench_.Resume(), std::nullopt) << "no loop at boot";
}

// Killed on entering each of its steps: resumed, everything is as it would have been, and can be
// undone.
class KilledInSetup : public HostSteps, public testing::WithParamInterface<int> {};

TEST_P(KilledInSetup, ResumesAndCanBeUndone) {
  WriteText(bench_.directory / "f1", "before\n");
  for (int i = 0; i < 4; ++i) bench_.steps += FileStep(fmt::format("f{}", i), "after");
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    int setup = 0;
    bench_.reporter.on_state = [&setup](const StateEvent& event) {
      if (event.state == "setup" && setup++ == GetParam()) ::raise(SIGKILL);
    };
    static_cast<void>(Run());
    ::_exit(0);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status)) << "it was not killed";
  const RunOutcome resumed = Resumed();
  EXPECT_EQ(resumed.code, ExitCode::kDone) << resumed.text;
  for (int i = 0; i < 4; ++i) EXPECT_EQ(Read(fmt::format("f{}", i)), "after");
  EXPECT_EQ(bench_.UndoHost().code, ExitCode::kDone);
  EXPECT_EQ(Read("f1"), "before\n");
  for (const int i : {0, 2, 3}) EXPECT_FALSE(Exists(fmt::format("f{}", i)));
}

INSTANTIATE_TEST_SUITE_P(AtEachStep, KilledInSetup, testing::Values(0, 1, 2, 3));

}  // namespace
}  // namespace lastgood::test
