// SPDX-License-Identifier: MIT
#include "setup/command_step.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "setup_fixture.h"
#include "support/fake_process_runner.h"

namespace lastgood {
namespace {

using test::FakeProcessRunner;
using test::Must;
using test::SpecOf;

using Lines = std::vector<std::string>;

constexpr const char* kFull = R"([[step]]
kind = "command"
name = "udev-rule"
check = ["test", "-f", "/etc/rule"]
apply = ["install", "rule file", "/etc/rule"]
undo = ["rm", "/etc/rule"]
timeout_s = 5
)";

constexpr const char* kSmall = R"([[step]]
kind = "command"
name = "n"
check = ["c"]
apply = ["a"]
)";

class CommandStepTest : public testing::Test {
 protected:
  std::unique_ptr<Step> Make(const std::string& text) {
    return Must(MakeStep(SpecOf(text), runner_));
  }

  FakeProcessRunner runner_;
};

TEST_F(CommandStepTest, SaysWhatItIsAndWhatItWouldDo) {
  const auto step = Make(kFull);
  EXPECT_EQ(step->Describe(), "command: udev-rule");
  EXPECT_TRUE(step->CanUndo());
  EXPECT_EQ(step->Preview(),
            (Lines{"check: test -f /etc/rule", "apply: install 'rule file' /etc/rule",
                   "undo:  rm /etc/rule"}));
  EXPECT_TRUE(runner_.calls().empty());
}

TEST_F(CommandStepTest, PreviewIsWhatAShellWouldTake) {
  const auto step = Make(R"([[step]]
kind = "command"
name = "n"
check = ["sh", "-c", "it's $HOME"]
apply = ["a", "", "~", "x;y"]
)");
  EXPECT_EQ(step->Preview(), (Lines{"check: sh -c 'it'\\''s $HOME'", "apply: a '' '~' 'x;y'"}));
}

TEST_F(CommandStepTest, IsDoneWhenItsCheckSucceeds) {
  runner_.Script({"c"}, 0);
  EXPECT_TRUE(Must(Make(kSmall)->IsDone()));
}

TEST_F(CommandStepTest, IsNotDoneWhenItsCheckSaysNo) {
  for (const int status : {1, 2, 128}) {
    FakeProcessRunner runner;
    runner.Script({"c"}, status);
    EXPECT_FALSE(Must(Must(MakeStep(SpecOf(kSmall), runner))->IsDone())) << status;
  }
}

TEST_F(CommandStepTest, CheckThatCrashedSaysNeither) {
  runner_.Script({"c"}, 139);
  const auto done = Make(kSmall)->IsDone();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ExitCode::kSetupFailed);
  EXPECT_EQ(done.error().message, "'command: n' cannot check: 'c' was ended by signal 11");
}

TEST_F(CommandStepTest, ProgramsGetTheirArgumentsAndTime) {
  runner_.Script({"install", "rule file", "/etc/rule"});
  ASSERT_TRUE(Make(kFull)->Apply());
  ASSERT_EQ(runner_.calls().size(), 1U);
  EXPECT_EQ(runner_.calls()[0].argv, (Lines{"install", "rule file", "/etc/rule"}));
  EXPECT_EQ(runner_.calls()[0].timeout, std::chrono::seconds(5));
}

TEST_F(CommandStepTest, AMinuteIsTheTimeLimitWhenNoneIsGiven) {
  runner_.Script({"a"});
  ASSERT_TRUE(Make(kSmall)->Apply());
  EXPECT_EQ(runner_.calls()[0].timeout, std::chrono::seconds(60));
}

TEST_F(CommandStepTest, FailureNamesStepProgramAndReason) {
  const std::pair<const char*, const char*> cases[] = {
      {"", ""},
      {"\n \n", ""},
      {"no such device\n", ": no such device"},
      {"warning: x\nerror: y\n\n", ": error: y"},
      {"evil\x1b[2J", ": evil [2J"},
  };
  for (const auto& [words, suffix] : cases) {
    FakeProcessRunner runner;
    runner.Script({"a"}, 3, words);
    const auto applied = Must(MakeStep(SpecOf(kSmall), runner))->Apply();
    ASSERT_FALSE(applied);
    EXPECT_EQ(applied.error().code, ExitCode::kSetupFailed);
    EXPECT_EQ(applied.error().message,
              std::string("'command: n' cannot apply: 'a' failed with exit status 3") + suffix);
    EXPECT_EQ(applied.error().hint, "run it by hand: a");
  }
}

TEST_F(CommandStepTest, ReasonOnStandardOutputIsTakenWhenThereIsNoOther) {
  runner_.Script({"a"}, {{1, "said here\n", ""}});
  EXPECT_EQ(Make(kSmall)->Apply().error().message,
            "'command: n' cannot apply: 'a' failed with exit status 1: said here");
}

TEST_F(CommandStepTest, EndlessReasonIsCut) {
  runner_.Script({"a"}, 1, std::string(60'000, 'x'));
  EXPECT_LT(Make(kSmall)->Apply().error().message.size(), 300U);
}

TEST_F(CommandStepTest, ProgramThatDoesNotExistIsNamedWithItsStep) {
  const auto applied = Make(kSmall)->Apply();
  ASSERT_FALSE(applied);
  EXPECT_EQ(applied.error().code, ExitCode::kSetupFailed);
  EXPECT_EQ(applied.error().message.find("'command: n' cannot apply: "), 0U);
}

TEST_F(CommandStepTest, ProgramThatHangsIsAFailure) {
  runner_.Script({"a"}, {{}, std::chrono::hours(1)});
  EXPECT_FALSE(Make(kSmall)->Apply());
}

TEST_F(CommandStepTest, UndoRunsWhatIsGiven) {
  runner_.Script({"rm", "/etc/rule"}, 1, "busy");
  const auto undone = Make(kFull)->Undo();
  EXPECT_EQ(undone.error().message,
            "'command: udev-rule' cannot undo: 'rm' failed with exit status 1: busy");
}

TEST_F(CommandStepTest, WithoutUndoThereIsNone) {
  const auto step = Make(kSmall);
  EXPECT_FALSE(step->CanUndo());
  const auto undone = step->Undo();
  ASSERT_FALSE(undone);
  EXPECT_EQ(undone.error().message, "'command: n' has no undo");
  EXPECT_TRUE(runner_.calls().empty());
}

}  // namespace
}  // namespace lastgood
