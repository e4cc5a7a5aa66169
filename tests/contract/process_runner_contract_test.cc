// SPDX-License-Identifier: MIT
// What every ProcessRunner promises. Each one is set up so that the same commands mean the same.
#include <gtest/gtest.h>

#include <memory>

#include "host/process_runner.h"
#include "support/fake_process_runner.h"

namespace lastgood {
namespace {

using std::chrono::milliseconds;

const std::vector<std::string> kSucceeds = {"true"};
const std::vector<std::string> kFails = {"sh", "-c", "echo out; echo err >&2; exit 7"};
const std::vector<std::string> kTalks = {"seq", "1", "5000"};
const std::vector<std::string> kHangs = {"sleep", "60"};
const std::vector<std::string> kMissing = {"no-such-program-1"};

std::unique_ptr<ProcessRunner> MakePosix() { return std::make_unique<PosixProcessRunner>(); }

std::unique_ptr<ProcessRunner> MakeFake() {
  auto runner = std::make_unique<test::FakeProcessRunner>();
  runner->Script(kSucceeds);
  runner->Script(kFails, {{7, "out\n", "err\n"}, {}});
  std::string numbers;
  for (int i = 1; i <= 5000; ++i) numbers += std::to_string(i) + "\n";
  runner->Script(kTalks, {{0, numbers, ""}, {}});
  runner->Script(kHangs, {{}, milliseconds(60'000)});
  return runner;
}

struct Implementation {
  const char* name;
  std::unique_ptr<ProcessRunner> (*make)();
};

class ProcessRunnerContract : public testing::TestWithParam<Implementation> {
 protected:
  std::unique_ptr<ProcessRunner> runner_ = GetParam().make();
};

TEST_P(ProcessRunnerContract, SuccessIsExitStatusZeroWithoutOutput) {
  const auto result = runner_->Run({kSucceeds});
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->exit_status, 0);
  EXPECT_EQ(result->standard_output, "");
  EXPECT_EQ(result->standard_error, "");
}

TEST_P(ProcessRunnerContract, NonZeroExitStatusIsAResult) {
  const auto result = runner_->Run({kFails});
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->exit_status, 7);
  EXPECT_EQ(result->standard_output, "out\n");
  EXPECT_EQ(result->standard_error, "err\n");
}

TEST_P(ProcessRunnerContract, BeginningOfTooMuchOutputIsKept) {
  const auto result = runner_->Run({kTalks, milliseconds(30'000), 11});
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->exit_status, 0);
  EXPECT_EQ(result->standard_output, "1\n2\n3\n4\n5\n6");
}

TEST_P(ProcessRunnerContract, ProgramThatDoesNotEndIsAFailure) {
  const auto result = runner_->Run({kHangs, milliseconds(50)});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ExitCode::kSetupFailed);
  EXPECT_NE(result.error().message.find("'sleep' was still running"), std::string::npos)
      << result.error().message;
}

TEST_P(ProcessRunnerContract, ProgramThatDoesNotExistIsAFailure) {
  const auto result = runner_->Run({kMissing});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ExitCode::kSetupFailed);
  EXPECT_NE(result.error().message.find("'no-such-program-1'"), std::string::npos);
}

TEST_P(ProcessRunnerContract, RunsAreIndependent) {
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(runner_->Run({kMissing}));
    EXPECT_EQ(runner_->Run({kFails})->exit_status, 7);
    EXPECT_EQ(runner_->Run({kSucceeds})->exit_status, 0);
  }
}

INSTANTIATE_TEST_SUITE_P(Runners, ProcessRunnerContract,
                         testing::Values(Implementation{"Posix", MakePosix},
                                         Implementation{"Fake", MakeFake}),
                         [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace lastgood
