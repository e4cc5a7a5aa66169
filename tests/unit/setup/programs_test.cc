// SPDX-License-Identifier: MIT
#include "setup/programs.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "support/fake_process_runner.h"

namespace lastgood {
namespace {

using test::FakeProcessRunner;

TEST(ProgramsTest, ReasonIsTheLastLineThatSaysSomething) {
  const std::pair<ProcessResult, const char*> cases[] = {
      {{3, "", ""}, "failed with exit status 3"},
      {{3, "", " \n\n"}, "failed with exit status 3"},
      {{3, "", "warning: x\nerror: y\n\n"}, "failed with exit status 3: error: y"},
      {{3, "said here\n", ""}, "failed with exit status 3: said here"},
      {{3, "", "evil\x1b[2J"}, "failed with exit status 3: evil [2J"},
      {{137, "", ""}, "was ended by signal 9"},
  };
  for (const auto& [result, text] : cases) EXPECT_EQ(HowItEnded(result), text);
  EXPECT_LT(HowItEnded({1, "", std::string(60'000, 'x')}).size(), 300U);
}

TEST(ProgramsTest, FailureNamesTheProgramThatIsMeant) {
  FakeProcessRunner runner;
  const Argv argv = WithEnvironment({"X=1"}, {"apt-get", "a=b"});
  EXPECT_EQ(argv, (Argv{"env", "LC_ALL=C", "X=1", "apt-get", "a=b"}));
  runner.Script(argv, 100, "E: no\n");
  const auto done = RunToSuccess(runner, argv, std::chrono::seconds(7));
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().message, "'apt-get' failed with exit status 100: E: no");
  EXPECT_EQ(done.error().hint, "run it by hand: env LC_ALL=C X=1 apt-get a=b");
  EXPECT_EQ(runner.calls()[0].timeout, std::chrono::seconds(7));
  EXPECT_EQ(ProgramOf({"env"}), "env");
  EXPECT_EQ(ProgramOf({"env", "A=1"}), "env");
}

TEST(ProgramsTest, FirstVerdictThatFitsSaysWhatAFailureMeans) {
  CommandChange change;
  change.verdicts = {{"no route", ExitCode::kCannotDownload, "cannot download x", "go online"},
                     {"locked", ExitCode::kRefused, "it is locked", "wait"}};
  const struct {
    const char* standard_output;
    const char* standard_error;
    ExitCode code;
    const char* message;
  } cases[] = {
      {"", "E: a\n  E: no route to host\nlocked\n", ExitCode::kCannotDownload,
       "cannot download x: E: no route to host"},
      {"it is locked by 7\n", "E: b\n", ExitCode::kRefused, "it is locked: it is locked by 7"},
      {"", "E: c\n", ExitCode::kSetupFailed, "'p' failed with exit status 1: E: c"},
  };
  for (const auto& [standard_output, standard_error, code, message] : cases) {
    FakeProcessRunner runner;
    runner.Script({"p"}, {{1, standard_output, standard_error}, {}});
    const auto done = RunPatiently(runner, {"p"}, change);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, code);
    EXPECT_EQ(done.error().message, message);
  }
}

TEST(ProgramsTest, ProgramThatIsKeptOutIsStartedAgainUntilTheLimit) {
  CommandChange change;
  change.verdicts = {{"locked", ExitCode::kBusy, "busy", ""}};
  const std::pair<int, std::size_t> cases[] = {{0, 1}, {1, 3}, {4, 5}};  // s, calls
  for (const auto& [seconds, calls] : cases) {
    FakeProcessRunner runner;
    runner.Script({"p"}, 1, "locked");
    runner.Script({"sleep", "2"});
    change.busy_wait = std::chrono::seconds(seconds);
    const auto done = RunPatiently(runner, {"p"}, change);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, ExitCode::kBusy);
    EXPECT_EQ(runner.calls().size(), calls) << seconds;
  }
  FakeProcessRunner runner;
  runner.Script({"p"}, 1, "locked");
  runner.Script({"p"});
  runner.Script({"sleep", "2"});
  EXPECT_TRUE(RunPatiently(runner, {"p"}, change));
}

TEST(ProgramsTest, HalfAnAnswerIsNone) {
  FakeProcessRunner runner;
  runner.Script({"p"}, {{0, std::string(5U << 20, 'x'), ""}, {}});
  const auto result = RunProgram(runner, {"p"}, std::chrono::seconds(1));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message, "'p' says more than 4 MiB");
}

}  // namespace
}  // namespace lastgood
