// SPDX-License-Identifier: MIT
#include "setup/reboot_step.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "setup_fixture.h"

namespace lastgood {
namespace {

using test::Must;
using test::SpecOf;
using test::SpecsOf;

// Two steps around a reboot, on this host: paths that every host has, and one that none has.
constexpr const char* kSteps = R"(
[[step]]
kind = "command"
name = "before"
check = ["c"]
apply = ["a"]
[[step]]
kind = "reboot"
name = "uart"
expect = ["/proc/self/stat"]
[[step]]
kind = "command"
name = "after"
check = ["c"]
apply = ["a"]
)";

class RebootStepTest : public testing::Test {
 protected:
  RebootStepTest() { steps_ = Must(MakeSteps(SpecsOf(kSteps), host_)); }

  Step& Reboot() { return *steps_.at(1); }
  bool IsNeeded() {
    const auto pending = Must(Reboot().Pending());
    return pending.size() == 1 && std::holds_alternative<RebootChange>(pending[0].what);
  }

  test::FakeProcessRunner runner_;
  SetupHost host_ = OpenSetupHost("/", runner_, "", "");
  std::vector<std::unique_ptr<Step>> steps_;
};

TEST_F(RebootStepTest, IsNeededWhenAStepBeforeItChangedTheHostSinceItWasStarted) {
  EXPECT_EQ(Reboot().Describe(), "reboot: uart");
  EXPECT_TRUE(Must(Reboot().Pending()).empty());
  host_.changed_since_boot = {"command: before"};
  EXPECT_TRUE(IsNeeded());
  // The next boot: the record says so no more.
  host_.changed_since_boot.clear();
  EXPECT_TRUE(Must(Reboot().Pending()).empty());
}

TEST_F(RebootStepTest, WhatComesAfterItOrIsAnotherRecipesIsNoReason) {
  host_.changed_since_boot = {"command: after", "apt: picocom"};
  EXPECT_TRUE(Must(Reboot().Pending()).empty());
}

TEST_F(RebootStepTest, NothingIsRun) {
  host_.changed_since_boot = {"command: before"};
  Must(Reboot().Pending());
  EXPECT_TRUE(runner_.calls().empty());
}

TEST_F(RebootStepTest, WhatIsExpectedAndMissingIsAFailure) {
  const auto steps = Must(MakeSteps(
      SpecsOf("[[step]]\nkind = \"reboot\"\nexpect = [\"/proc/self/stat\", \"/proc/none\"]\n"),
      host_));
  EXPECT_EQ(steps.at(0)->Describe(), "reboot");
  const auto pending = steps[0]->Pending();
  ASSERT_FALSE(pending);
  EXPECT_EQ(pending.error().code, ExitCode::kSetupFailed);
  EXPECT_EQ(pending.error().message,
            "'/proc/none' is missing, though no step before this one changed the host since it was "
            "started");
}

// It is not there before the reboot, and that is what the reboot is for.
TEST_F(RebootStepTest, WhatIsExpectedIsNotLookedForBeforeTheReboot) {
  auto steps = Must(MakeSteps(
      SpecsOf("[[step]]\nkind = \"command\"\nname = \"before\"\ncheck = [\"c\"]\napply = [\"a\"]\n"
              "[[step]]\nkind = \"reboot\"\nexpect = [\"/proc/none\"]\n"),
      host_));
  host_.changed_since_boot = {"command: before"};
  EXPECT_EQ(Must(steps.at(1)->Pending()).size(), 1U);
}

TEST_F(RebootStepTest, CardIsNotStarted) {
  test::TestHost card;
  card.host().changed_since_boot = {"command: before"};
  const auto steps = Must(MakeSteps(SpecsOf(kSteps), card.host()));
  EXPECT_TRUE(Must(steps.at(1)->Pending()).empty());
}

TEST_F(RebootStepTest, RunStopsBehindWhatWasMadeAndGoesOnAfterTheReboot) {
  runner_.Script({"c"}, 1);  // "before" is not done
  runner_.Script({"c"}, 0);  // and is, afterwards
  runner_.Script({"a"}, 0);
  test::TestHost kept;
  const auto run = [&] {
    std::vector<PlannedStep> planned;
    for (auto& step : Must(MakeSteps(SpecsOf(kSteps), host_)))
      planned.push_back({std::move(step), {}});
    return RunSteps(planned, host_, kept.contents(), kept.log, kept.interrupt, {});
  };
  for (int again = 0; again < 2; ++again) {
    const auto stopped = run();
    ASSERT_FALSE(stopped);
    EXPECT_EQ(stopped.error().code, ExitCode::kRebootNeeded);
    EXPECT_EQ(stopped.error().message,
              "the host has to be started anew before 'reboot: uart' can go on");
    EXPECT_EQ(kept.log.undone.size(), 0U);
  }
  host_.changed_since_boot.clear();
  EXPECT_EQ(Must(run()).done_already, 3U);
}

TEST_F(RebootStepTest, MistakesAreSaid) {
  const std::pair<const char*, const char*> cases[] = {
      {"expect = [\"dev/serial0\"]", "must be an absolute path"},
      {"expect = [\"/a\\u0000b\"]", "must not contain control characters"},
      {"expect = [\"/a\", \"/a\"]", "recipe.toml:3:10: error: 'expect' "},
      {"expect = \"/a\"", "recipe.toml:3:10: error: "},
      {"expects = [\"/a\"]", "did you mean 'expect'?"},
  };
  for (const auto& [field, part] : cases) {
    const auto step =
        MakeStep(SpecOf(std::string("[[step]]\nkind = \"reboot\"\n") + field + "\n"), host_);
    ASSERT_FALSE(step) << field;
    EXPECT_NE(step.error().message.find(part), std::string::npos) << step.error().message;
  }
}

}  // namespace
}  // namespace lastgood
