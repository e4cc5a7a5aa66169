// SPDX-License-Identifier: MIT
#include "setup/command_step.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "setup/changes.h"
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
undo = ["rm", "-f", "/etc/rule"]
root = true
timeout_s = 5
)";

constexpr const char* kSmall = R"([[step]]
kind = "command"
name = "n"
check = ["c"]
apply = ["a"]
)";

// This host, with programs that exist only in a script: nothing of it is read or written.
class CommandStepTest : public testing::Test {
 protected:
  std::unique_ptr<Step> Make(const std::string& text) {
    return Must(MakeStep(SpecOf(text), host_));
  }

  // The one change of a step whose check says no.
  Change ChangeOf(const std::string& text) {
    const auto pending = Must(Make(text)->Pending());
    EXPECT_EQ(pending.size(), 1U);
    return pending.at(0);
  }
  Error FailedApply(const Change& change) {
    std::vector<std::string> notes;
    const auto applied = Apply(change, host_, notes);
    EXPECT_FALSE(applied);
    return applied ? Error{} : applied.error();
  }

  FakeProcessRunner runner_;
  SetupHost host_ = OpenSetupHost("/", runner_, "", "");
};

class SmallCommandTest : public CommandStepTest {
 protected:
  SmallCommandTest() { runner_.Script({"c"}, 1); }
};

TEST_F(CommandStepTest, SaysWhatItIsAndWhatItWouldDo) {
  runner_.Script({"test", "-f", "/etc/rule"}, 1);
  EXPECT_EQ(Make(kFull)->Describe(), "command: udev-rule");
  EXPECT_EQ(Preview(ChangeOf(kFull), host_),
            (Lines{"run:  install 'rule file' /etc/rule", "undo: rm -f /etc/rule"}));
  EXPECT_EQ(runner_.calls().size(), 1U);
}

TEST_F(SmallCommandTest, PreviewIsWhatAShellWouldTake) {
  EXPECT_EQ(Preview(ChangeOf(R"([[step]]
kind = "command"
name = "n"
check = ["c"]
apply = ["a", "", "~", "x;y", "it's $HOME"]
)"),
                    host_),
            (Lines{"run:  a '' '~' 'x;y' 'it'\\''s $HOME'", "undo: there is none"}));
}

TEST_F(CommandStepTest, IsDoneWhenItsCheckSucceeds) {
  runner_.Script({"c"}, 0);
  EXPECT_TRUE(Must(Make(kSmall)->Pending()).empty());
}

TEST_F(CommandStepTest, IsPendingWhenItsCheckSaysNo) {
  for (const int status : {1, 2, 128}) {
    FakeProcessRunner runner;
    runner.Script({"c"}, status);
    SetupHost host = OpenSetupHost("/", runner, "", "");
    EXPECT_EQ(Must(Must(MakeStep(SpecOf(kSmall), host))->Pending()).size(), 1U) << status;
  }
}

TEST_F(CommandStepTest, CheckThatCrashedSaysNeither) {
  runner_.Script({"c"}, 139);
  const auto pending = Make(kSmall)->Pending();
  ASSERT_FALSE(pending);
  EXPECT_EQ(pending.error().code, ExitCode::kSetupFailed);
  EXPECT_EQ(pending.error().message, "'c' was ended by signal 11");
  EXPECT_EQ(pending.error().hint, "run it by hand: c");
}

TEST_F(CommandStepTest, CheckThatDoesNotExistOrHangsSaysNeither) {
  EXPECT_FALSE(Make(kSmall)->Pending());
  runner_.Script({"c"}, {{}, std::chrono::hours(1)});
  EXPECT_FALSE(Make(kSmall)->Pending());
}

// Its programs would look at, and change, the host that prepares the card.
TEST_F(CommandStepTest, IsRefusedForAnotherRoot) {
  test::TestHost card;
  const auto pending = card.Make(kSmall)->Pending();
  ASSERT_FALSE(pending);
  EXPECT_EQ(pending.error().code, ExitCode::kSetupFailed);
  EXPECT_EQ(pending.error().message,
            "programs of a recipe can not be run for another root directory");
  EXPECT_TRUE(card.runner.calls().empty());
}

TEST_F(CommandStepTest, ProgramsGetTheirArgumentsAndTime) {
  runner_.Script({"test", "-f", "/etc/rule"}, 1);
  runner_.Script({"install", "rule file", "/etc/rule"});
  std::vector<std::string> notes;
  ASSERT_TRUE(Apply(ChangeOf(kFull), host_, notes));
  ASSERT_EQ(runner_.calls().size(), 2U);
  EXPECT_EQ(runner_.calls()[1].argv, (Lines{"install", "rule file", "/etc/rule"}));
  for (const ProcessRequest& call : runner_.calls())
    EXPECT_EQ(call.timeout, std::chrono::seconds(5));
}

TEST_F(SmallCommandTest, AMinuteIsTheTimeLimitWhenNoneIsGiven) {
  ChangeOf(kSmall);
  EXPECT_EQ(runner_.calls().at(0).timeout, std::chrono::seconds(60));
}

TEST_F(CommandStepTest, NeedsRootOnlyWhenItSaysSo) {
  runner_.Script({"c"}, 1);
  runner_.Script({"test", "-f", "/etc/rule"}, 1);
  EXPECT_FALSE(std::get<CommandChange>(ChangeOf(kSmall).what).needs_root);
  EXPECT_TRUE(std::get<CommandChange>(ChangeOf(kFull).what).needs_root);
}

TEST_F(SmallCommandTest, FailureNamesProgramAndReason) {
  const std::pair<const char*, const char*> cases[] = {
      {"", ""},
      {"\n \n", ""},
      {"no such device\n", ": no such device"},
      {"warning: x\nerror: y\n\n", ": error: y"},
      {"evil\x1b[2J", ": evil [2J"},
  };
  const Change change = ChangeOf(kSmall);
  for (const auto& [words, suffix] : cases) {
    FakeProcessRunner runner;
    runner.Script({"a"}, 3, words);
    const SetupHost host = OpenSetupHost("/", runner, "", "");
    std::vector<std::string> notes;
    const auto applied = Apply(change, host, notes);
    ASSERT_FALSE(applied);
    EXPECT_EQ(applied.error().code, ExitCode::kSetupFailed);
    EXPECT_EQ(applied.error().message, std::string("'a' failed with exit status 3") + suffix);
    EXPECT_EQ(applied.error().hint, "run it by hand: a");
  }
}

TEST_F(SmallCommandTest, ReasonOnStandardOutputIsTakenWhenThereIsNoOther) {
  runner_.Script({"a"}, {{1, "said here\n", ""}});
  EXPECT_EQ(FailedApply(ChangeOf(kSmall)).message, "'a' failed with exit status 1: said here");
}

TEST_F(SmallCommandTest, EndlessReasonIsCut) {
  runner_.Script({"a"}, 1, std::string(60'000, 'x'));
  EXPECT_LT(FailedApply(ChangeOf(kSmall)).message.size(), 300U);
}

TEST_F(SmallCommandTest, ProgramThatDoesNotExistOrHangsIsAFailure) {
  EXPECT_EQ(FailedApply(ChangeOf(kSmall)).code, ExitCode::kSetupFailed);
  runner_.Script({"a"}, {{}, std::chrono::hours(1)});
  EXPECT_EQ(FailedApply(ChangeOf(kSmall)).code, ExitCode::kSetupFailed);
}

TEST_F(CommandStepTest, UndoRunsWhatIsRecorded) {
  test::TestHost kept;
  runner_.Script({"test", "-f", "/etc/rule"}, 1);
  runner_.Script({"rm", "-f", "/etc/rule"}, 1, "busy");
  const RecordedChange recorded = Must(Recorded(ChangeOf(kFull), host_, kept.contents()));
  const auto undone = Undo(recorded, host_, kept.contents());
  ASSERT_FALSE(undone);
  EXPECT_EQ(undone.error().message, "'rm' failed with exit status 1: busy");
  EXPECT_EQ(runner_.calls().back().timeout, std::chrono::seconds(5));
}

TEST_F(SmallCommandTest, WithoutUndoThereIsNone) {
  test::TestHost kept;
  const RecordedChange recorded = Must(Recorded(ChangeOf(kSmall), host_, kept.contents()));
  const auto undone = Undo(recorded, host_, kept.contents());
  ASSERT_FALSE(undone);
  EXPECT_EQ(undone.error().message, "it has no undo");
  EXPECT_EQ(runner_.calls().size(), 1U);
}

}  // namespace
}  // namespace lastgood
