// SPDX-License-Identifier: MIT
#include "setup/setup_runner.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "setup_fixture.h"

namespace lastgood {
namespace {

using test::Must;
using test::RecordingObserver;

using Log = std::vector<std::string>;

// A step whose change is a flag, and which fails where it is told to.
class FlagStep final : public Step {
 public:
  FlagStep(std::string name, Log& log) : name_(std::move(name)), log_(log) {}

  std::string Describe() const override { return "flag: " + name_; }
  Result<bool> IsDone() override {
    log_.push_back("check " + name_);
    if (check_fails) return Fail(ExitCode::kSetupFailed, "cannot check " + name_);
    return done;
  }
  Result<void> Apply() override {
    log_.push_back("apply " + name_);
    if (apply_fails) return Fail(ExitCode::kSetupFailed, "cannot apply " + name_, "look there");
    done = !stays_undone;
    if (interrupt != nullptr) interrupt->Request();
    return {};
  }
  Result<void> Undo() override {
    log_.push_back("undo " + name_);
    if (undo_fails) return Fail(ExitCode::kSetupFailed, name_ + " has no undo");
    done = false;
    return {};
  }
  bool CanUndo() const override { return !undo_fails; }
  std::vector<std::string> Preview() const override { return {}; }

  bool done = false;
  bool check_fails = false;
  bool apply_fails = false;
  bool stays_undone = false;
  bool undo_fails = false;
  Interrupt* interrupt = nullptr;

 private:
  std::string name_;
  Log& log_;
};

class SetupRunnerTest : public testing::Test {
 protected:
  SetupRunnerTest() {
    for (const char* name : {"a", "b", "c"}) {
      auto step = std::make_unique<FlagStep>(name, log_);
      flags_.push_back(step.get());
      steps_.push_back(std::move(step));
    }
  }

  Result<SetupSummary> Run() {
    log_.clear();
    return RunSteps(steps_, observer_, interrupt_);
  }
  Error FailedRun() {
    const auto summary = Run();
    EXPECT_FALSE(summary);
    return summary ? Error{} : summary.error();
  }
  bool NothingIsChanged() const { return !flags_[0]->done && !flags_[1]->done && !flags_[2]->done; }

  Log log_;
  std::vector<FlagStep*> flags_;
  std::vector<std::unique_ptr<Step>> steps_;
  RecordingObserver observer_;
  Interrupt interrupt_;
};

TEST_F(SetupRunnerTest, EachStepIsCheckedAppliedAndCheckedAgain) {
  const SetupSummary summary = Must(Run());
  EXPECT_EQ(log_, (Log{"check a", "apply a", "check a", "check b", "apply b", "check b", "check c",
                       "apply c", "check c"}));
  EXPECT_EQ(summary.done_already, 0U);
  EXPECT_EQ(summary.changed, 3U);
  EXPECT_EQ(summary.names, (Log{"flag: a", "flag: b", "flag: c"}));
  EXPECT_EQ(observer_.told, (Log{"0 flag: a", "1 flag: b", "2 flag: c"}));
}

TEST_F(SetupRunnerTest, SecondRunChangesNothing) {
  Must(Run());
  observer_.told.clear();
  const SetupSummary summary = Must(Run());
  EXPECT_EQ(log_, (Log{"check a", "check b", "check c"}));
  EXPECT_EQ(summary.done_already, 3U);
  EXPECT_EQ(summary.changed, 0U);
  EXPECT_TRUE(summary.names.empty());
  EXPECT_TRUE(observer_.told.empty());
}

TEST_F(SetupRunnerTest, OnlyWhatIsMissingIsApplied) {
  flags_[1]->done = true;
  const SetupSummary summary = Must(Run());
  EXPECT_EQ(summary.done_already, 1U);
  EXPECT_EQ(summary.names, (Log{"flag: a", "flag: c"}));
  EXPECT_EQ(observer_.indices, (std::vector<std::size_t>{0, 2}));
}

TEST_F(SetupRunnerTest, NoStepsAreDoneAtOnce) {
  steps_.clear();
  EXPECT_EQ(Must(Run()).changed, 0U);
}

TEST_F(SetupRunnerTest, FailedApplyUndoesItselfAndWhatWasAppliedBefore) {
  flags_[2]->apply_fails = true;
  const Error error = FailedRun();
  EXPECT_EQ(error.code, ExitCode::kSetupFailed);
  EXPECT_EQ(error.message, "cannot apply c; undone");
  EXPECT_EQ(error.hint, "look there");
  EXPECT_EQ(Log(log_.end() - 3, log_.end()), (Log{"undo c", "undo b", "undo a"}));
  EXPECT_TRUE(NothingIsChanged());
}

TEST_F(SetupRunnerTest, WhatWasThereBeforeIsNotUndone) {
  flags_[0]->done = true;
  flags_[2]->apply_fails = true;
  FailedRun();
  EXPECT_TRUE(flags_[0]->done);
  EXPECT_FALSE(flags_[1]->done);
}

TEST_F(SetupRunnerTest, StepThatDoesNotTakeIsAFailure) {
  flags_[1]->stays_undone = true;
  EXPECT_EQ(FailedRun().message, "'flag: b' was applied, but its check still says no; undone");
  EXPECT_TRUE(NothingIsChanged());
}

TEST_F(SetupRunnerTest, CheckThatFailsUndoesWhatWasAppliedBefore) {
  flags_[1]->check_fails = true;
  EXPECT_EQ(FailedRun().message, "cannot check b; undone");
  EXPECT_EQ(log_, (Log{"check a", "apply a", "check a", "check b", "undo a"}));
}

TEST_F(SetupRunnerTest, FailureBeforeAnyChangeSaysSo) {
  flags_[0]->check_fails = true;
  EXPECT_EQ(FailedRun().message, "cannot check a; nothing was changed");
  EXPECT_EQ(log_, (Log{"check a"}));
}

TEST_F(SetupRunnerTest, WhatCannotBeUndoneIsNamedAndTheRestIsUndone) {
  flags_[0]->undo_fails = true;
  flags_[2]->undo_fails = true;
  flags_[2]->apply_fails = true;
  const Error error = FailedRun();
  EXPECT_EQ(error.code, ExitCode::kSetupFailed);
  EXPECT_EQ(error.message, "cannot apply c; not undone: c has no undo, a has no undo");
  EXPECT_FALSE(flags_[1]->done);
}

// What is not on disk must not be done.
TEST_F(SetupRunnerTest, ObserverThatFailsStopsBeforeTheChange) {
  observer_.fail_at = 1;
  const Error error = FailedRun();
  EXPECT_EQ(error.code, ExitCode::kInternal);
  EXPECT_EQ(error.message, "disk full; undone");
  EXPECT_EQ(log_, (Log{"check a", "apply a", "check a", "check b", "undo a"}));
}

TEST_F(SetupRunnerTest, InterruptStopsBetweenStepsAndUndoes) {
  flags_[1]->interrupt = &interrupt_;
  const Error error = FailedRun();
  EXPECT_EQ(error.code, ExitCode::kInterrupted);
  EXPECT_EQ(error.message, "interrupted; undone");
  EXPECT_TRUE(NothingIsChanged());
  EXPECT_EQ(FailedRun().message, "interrupted; nothing was changed");
  EXPECT_TRUE(log_.empty());
}

TEST_F(SetupRunnerTest, UndoGoesBackwardsThroughWhatIsNamed) {
  Must(Run());
  log_.clear();
  EXPECT_TRUE(UndoSteps(steps_, {0, 2}));
  EXPECT_EQ(log_, (Log{"undo c", "undo a"}));
  EXPECT_TRUE(flags_[1]->done);
}

TEST_F(SetupRunnerTest, UndoGoesOnAfterAFailureAndNamesIt) {
  Must(Run());
  flags_[1]->undo_fails = true;
  const auto undone = UndoSteps(steps_, {0, 1, 2});
  ASSERT_FALSE(undone);
  EXPECT_EQ(undone.error().code, ExitCode::kSetupFailed);
  EXPECT_EQ(undone.error().message, "not undone: b has no undo");
  EXPECT_FALSE(flags_[0]->done);
}

// The recipe may have become shorter since the run that was cut.
TEST_F(SetupRunnerTest, UndoIgnoresStepsThatAreNotThere) {
  EXPECT_TRUE(UndoSteps(steps_, {0, 7}));
  EXPECT_EQ(log_, (Log{"undo a"}));
  EXPECT_TRUE(UndoSteps(steps_, {}));
}

}  // namespace
}  // namespace lastgood
