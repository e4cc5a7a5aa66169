// SPDX-License-Identifier: MIT
#include "setup/setup_runner.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "setup_fixture.h"

namespace lastgood {
namespace {

using test::Must;
using test::RecordingLog;
using test::TemporaryDirectory;

using Trace = std::vector<std::string>;

// A host of flags: "make NAME" sets one, "unmake NAME" clears it.
class FlagHost final : public ProcessRunner {
 public:
  explicit FlagHost(Trace& trace) : trace_(trace) {}

  Result<ProcessResult> Run(const ProcessRequest& request) override {
    const std::string& verb = request.argv.at(0);
    const std::string& name = request.argv.at(1);
    trace_.push_back(verb + " " + name);
    if (interrupt != nullptr) interrupt->Request();
    if (name == "b" && !writes.empty()) test::WriteText(writes, trace_.back());
    if (failing.contains(trace_.back())) return ProcessResult{1, {}, "no"};
    if (verb == "unmake")
      flags.erase(name);
    else if (!inert.contains(name))
      flags.insert(name);
    return ProcessResult{};
  }

  std::set<std::string> flags;
  std::set<std::string> failing;  // "make c"
  std::set<std::string> inert;    // can be made, and are not there afterwards
  Interrupt* interrupt = nullptr;
  std::filesystem::path writes;  // a file that those of "b" rewrite

 private:
  Trace& trace_;
};

class FlagStep final : public Step {
 public:
  FlagStep(std::string name, const FlagHost& flags, Trace& trace)
      : name_(std::move(name)), flags_(flags), trace_(trace) {}

  std::string Describe() const override { return "flag: " + name_; }
  Result<std::vector<Change>> Pending() override {
    trace_.push_back("check " + name_);
    if (fails) return Fail(ExitCode::kSetupFailed, "can not tell", "look there");
    if (flags_.flags.contains(name_)) return std::vector<Change>();
    if (needs_reboot) return std::vector{Change{RebootChange{}, {}}};
    CommandChange change;
    change.apply = {{"make", name_}};
    if (has_undo) change.undo = {{"unmake", name_}};
    change.touches = touches;
    change.needs_root = needs_root;
    return std::vector{Change{change, {}}};
  }

  bool fails = false;
  bool needs_reboot = false;
  bool has_undo = true;
  bool needs_root = false;
  std::vector<std::string> touches;

 private:
  std::string name_;
  const FlagHost& flags_;
  Trace& trace_;
};

// The record, told in the same trace as what happens on the host.
class TracedLog final : public SetupLog {
 public:
  explicit TracedLog(Trace& trace) : trace_(trace) {}

  Result<void> BeforeStep(std::size_t index, const Step& step) override {
    TRY_DO(Tell("step " + std::to_string(index)));
    return record.BeforeStep(index, step);
  }
  Result<std::int64_t> BeforeChange(const Step& step, const RecordedChange& change) override {
    TRY_DO(Tell("record " + step.Describe()));
    return record.BeforeChange(step, change);
  }
  Result<void> AfterChange(std::int64_t id, const RecordedChange& change) override {
    TRY_DO(Tell("written"));
    return record.AfterChange(id, change);
  }
  Result<std::vector<LoggedChange>> Made() override {
    if (failing == "made" || made_reads_max-- == 0) return Fail(ExitCode::kInternal, "disk full");
    return record.Made();
  }
  Result<void> Undone(std::int64_t id) override {
    TRY_DO(Tell("undone " + std::to_string(id)));
    return record.Undone(id);
  }

  RecordingLog record;
  std::string failing;
  int made_reads_max = -1;  // the next one fails; negative: none does

 private:
  Result<void> Tell(const std::string& what) {
    if (failing == what) return Fail(ExitCode::kInternal, "disk full");
    trace_.push_back(what);
    return {};
  }
  Trace& trace_;
};

class SetupRunnerTest : public testing::Test {
 protected:
  SetupRunnerTest() {
    for (const char* name : {"a", "b", "c"}) {
      auto step = std::make_unique<FlagStep>(name, flags_, trace_);
      flag_steps_.push_back(step.get());
      steps_.push_back({std::move(step), {}});
    }
  }

  Result<SetupSummary> Run(SetupOptions options = {}) {
    trace_.clear();
    return RunSteps(steps_, host_, contents_, log_, interrupt_, options);
  }
  Error FailedRun(SetupOptions options = {}) {
    const auto summary = Run(options);
    EXPECT_FALSE(summary);
    return summary ? Error{} : summary.error();
  }
  FlagStep& StepOf(std::size_t index) { return *flag_steps_.at(index); }

  Trace trace_;
  FlagHost flags_{trace_};
  std::vector<FlagStep*> flag_steps_;
  std::vector<PlannedStep> steps_;
  TemporaryDirectory directory_;
  SetupHost host_ = OpenSetupHost(directory_.path(), flags_, "", "");
  ContentStore contents_{directory_ / "contents"};
  TracedLog log_{trace_};
  Interrupt interrupt_;
};

TEST_F(SetupRunnerTest, EachStepIsCheckedRecordedMadeAndCheckedAgain) {
  const SetupSummary summary = Must(Run());
  EXPECT_EQ(trace_, (Trace{"check a", "step 0", "record flag: a", "make a", "check a",  //
                           "check b", "step 1", "record flag: b", "make b", "check b",  //
                           "check c", "step 2", "record flag: c", "make c", "check c"}));
  EXPECT_EQ(summary.done_already, 0U);
  EXPECT_EQ(summary.changed, 3U);
  EXPECT_EQ(summary.names, (Trace{"flag: a", "flag: b", "flag: c"}));
  EXPECT_EQ(host_.changed_since_boot, (std::set<std::string>{"flag: a", "flag: b", "flag: c"}));
}

TEST_F(SetupRunnerTest, SecondRunChangesNothing) {
  Must(Run());
  const SetupSummary summary = Must(Run());
  EXPECT_EQ(trace_, (Trace{"check a", "check b", "check c"}));
  EXPECT_EQ(summary.done_already, 3U);
  EXPECT_EQ(summary.changed, 0U);
  EXPECT_TRUE(summary.names.empty());
}

TEST_F(SetupRunnerTest, OnlyWhatIsMissingIsMade) {
  flags_.flags = {"b"};
  const SetupSummary summary = Must(Run());
  EXPECT_EQ(summary.done_already, 1U);
  EXPECT_EQ(summary.names, (Trace{"flag: a", "flag: c"}));
  EXPECT_EQ(log_.record.told, (Trace{"0 flag: a", "2 flag: c"}));
}

TEST_F(SetupRunnerTest, NoStepsAreDoneAtOnce) {
  steps_.clear();
  EXPECT_EQ(Must(Run()).changed, 0U);
}

TEST_F(SetupRunnerTest, FailedStepUndoesItselfAndWhatWasMadeBefore) {
  flags_.failing = {"make c"};
  const Error error = FailedRun();
  EXPECT_EQ(error.code, ExitCode::kSetupFailed);
  EXPECT_EQ(error.message, "'flag: c': 'make' failed with exit status 1: no; undone");
  EXPECT_EQ(error.hint, "run it by hand: make c");
  EXPECT_EQ(Trace(trace_.end() - 6, trace_.end()),
            (Trace{"unmake c", "undone 3", "unmake b", "undone 2", "unmake a", "undone 1"}));
  EXPECT_TRUE(flags_.flags.empty());
}

TEST_F(SetupRunnerTest, WhatWasThereBeforeIsNotUndone) {
  flags_.flags = {"a"};
  flags_.failing = {"make c"};
  FailedRun();
  EXPECT_EQ(flags_.flags, std::set<std::string>{"a"});
}

TEST_F(SetupRunnerTest, StepThatDoesNotTakeIsAFailure) {
  flags_.inert = {"b"};
  EXPECT_EQ(FailedRun().message, "'flag: b' was applied, but its check still says no; undone");
  EXPECT_TRUE(flags_.flags.empty());
}

TEST_F(SetupRunnerTest, CheckThatFailsUndoesWhatWasMadeBefore) {
  StepOf(1).fails = true;
  const Error error = FailedRun();
  EXPECT_EQ(error.message, "'flag: b': can not tell; undone");
  EXPECT_EQ(error.hint, "look there");
  EXPECT_EQ(Trace(trace_.end() - 3, trace_.end()), (Trace{"check b", "unmake a", "undone 1"}));
}

TEST_F(SetupRunnerTest, FailureBeforeAnyChangeSaysSo) {
  StepOf(0).fails = true;
  EXPECT_EQ(FailedRun().message, "'flag: a': can not tell; nothing was changed");
  EXPECT_EQ(trace_, Trace{"check a"});
}

TEST_F(SetupRunnerTest, WhatCannotBeUndoneIsNamedAndTheRestIsUndone) {
  StepOf(0).has_undo = false;
  flags_.failing = {"make c", "unmake c"};
  const Error error = FailedRun();
  EXPECT_EQ(error.code, ExitCode::kSetupFailed);
  EXPECT_EQ(error.message,
            "'flag: c': 'make' failed with exit status 1: no; not undone: 'flag: c': 'unmake' "
            "failed with exit status 1: no, 'flag: a': it has no undo");
  EXPECT_EQ(flags_.flags, std::set<std::string>{"a"});
}

// What is not on disk must not be done.
TEST_F(SetupRunnerTest, RecordThatFailsStopsBeforeTheChange) {
  for (const char* const call : {"step 1", "record flag: b"}) {
    log_.failing = call;
    const Error error = FailedRun();
    EXPECT_EQ(error.code, ExitCode::kInternal) << call;
    EXPECT_EQ(error.message, "disk full; undone") << call;
    for (const std::string& happened : trace_) EXPECT_NE(happened, "make b") << call;
    EXPECT_TRUE(flags_.flags.empty()) << call;
    EXPECT_TRUE(Must(log_.Made()).empty()) << call;
  }
}

TEST_F(SetupRunnerTest, RecordThatCannotBeReadStopsBeforeTheFirstChange) {
  log_.failing = "made";
  const Error error = FailedRun();
  EXPECT_EQ(error.code, ExitCode::kInternal);
  EXPECT_EQ(error.message, "disk full");
  EXPECT_TRUE(trace_.empty());
}

TEST_F(SetupRunnerTest, RecordThatCannotBeReadAnyMoreLeavesTheHostAndSaysSo) {
  flags_.failing = {"make b"};
  log_.made_reads_max = 1;
  EXPECT_EQ(FailedRun().message,
            "'flag: b': 'make' failed with exit status 1: no; not undone: disk full");
  EXPECT_EQ(flags_.flags, std::set<std::string>{"a"});
}

// Killed after it had changed a file, and before the programs knew.
TEST_F(SetupRunnerTest, RunThatWasCutGivesNoticeAgainAndOnlyThen) {
  host_.is_running = true;
  flags_.flags = {"a", "b", "c"};
  Must(Run());
  EXPECT_EQ(trace_, (Trace{"check a", "check b", "check c"}));
  RecordedChange change;
  change.reload = {{"make", "notice"}};
  for (int twice = 0; twice < 2; ++twice) Must(log_.record.BeforeChange(StepOf(0), change));
  Must(Run());
  EXPECT_EQ(trace_, (Trace{"make notice", "check a", "check b", "check c"}));
}

TEST_F(SetupRunnerTest, InterruptStopsBetweenStepsAndUndoes) {
  flags_.interrupt = &interrupt_;
  const Error error = FailedRun();
  EXPECT_EQ(error.code, ExitCode::kInterrupted);
  EXPECT_EQ(error.message, "interrupted; undone");
  EXPECT_EQ(trace_, (Trace{"check a", "step 0", "record flag: a", "make a", "check a", "unmake a",
                           "undone 1"}));
  EXPECT_EQ(FailedRun().message, "interrupted; nothing was changed");
  EXPECT_TRUE(trace_.empty());
}

TEST_F(SetupRunnerTest, StepThatFailsMeanwhileIsNotTheReason) {
  flags_.interrupt = &interrupt_;
  flags_.inert = {"a"};
  const Error error = FailedRun();
  EXPECT_EQ(error.code, ExitCode::kInterrupted);
  EXPECT_EQ(error.message,
            "interrupted; 'flag: a' was applied, but its check still says no; undone");
}

TEST_F(SetupRunnerTest, RebootKeepsWhatWasMadeAndGoesOnBehindIt) {
  StepOf(1).needs_reboot = true;
  const Error error = FailedRun();
  EXPECT_EQ(error.code, ExitCode::kRebootNeeded);
  EXPECT_EQ(error.message, "the host has to be started anew before 'flag: b' can go on");
  EXPECT_EQ(flags_.flags, std::set<std::string>{"a"});
  flags_.flags.insert("b");
  EXPECT_EQ(Must(Run()).names, Trace{"flag: c"});
}

TEST_F(SetupRunnerTest, KeepGoingStopsOnlyWhatNeedsTheFailedStep) {
  steps_[1].needs = {0};
  flags_.failing = {"make a"};
  const Error error = FailedRun({.keep_going = true});
  EXPECT_EQ(error.code, ExitCode::kSetupFailed);
  EXPECT_EQ(error.message,
            "'flag: a': 'make' failed with exit status 1: no; what the other steps changed stays, "
            "as --keep-going asks");
  EXPECT_EQ(flags_.flags, std::set<std::string>{"c"});
  EXPECT_EQ(trace_, (Trace{"check a", "step 0", "record flag: a", "make a", "check c", "step 2",
                           "record flag: c", "make c", "check c"}));
}

TEST_F(SetupRunnerTest, KeepGoingLeavesOutWhatNeedsAStepThatWasLeftOut) {
  steps_[1].needs = {0};
  steps_[2].needs = {1};
  StepOf(0).fails = true;
  FailedRun({.keep_going = true});
  EXPECT_EQ(trace_, Trace{"check a"});
}

TEST_F(SetupRunnerTest, KeepGoingNamesEveryFailure) {
  flags_.failing = {"make a", "make c"};
  const std::string message = FailedRun({.keep_going = true}).message;
  EXPECT_NE(message.find("'flag: a'"), std::string::npos) << message;
  EXPECT_NE(message.find("'flag: c'"), std::string::npos) << message;
}

TEST_F(SetupRunnerTest, KeepGoingDoesNotGoOnWithoutARecordOrAgainstAPerson) {
  log_.failing = "record flag: b";
  EXPECT_EQ(FailedRun({.keep_going = true}).message, "disk full; undone");
  EXPECT_TRUE(flags_.flags.empty());
  log_.failing.clear();
  flags_.interrupt = &interrupt_;
  EXPECT_EQ(FailedRun({.keep_going = true}).code, ExitCode::kInterrupted);
  EXPECT_TRUE(flags_.flags.empty());
}

TEST_F(SetupRunnerTest, UndoGoesOnAfterAFailureAndNamesIt) {
  Must(Run());
  trace_.clear();
  flags_.failing = {"unmake b"};
  const UndoSummary undone = Must(UndoChanges(Must(log_.Made()), host_, contents_, log_));
  EXPECT_EQ(undone.undone, (Trace{"flag: c", "flag: a"}));
  EXPECT_EQ(undone.failures, Trace{"'flag: b': 'unmake' failed with exit status 1: no"});
  EXPECT_EQ(trace_, (Trace{"unmake c", "undone 3", "unmake b", "unmake a", "undone 1"}));
  ASSERT_EQ(Must(log_.Made()).size(), 1U);
  EXPECT_EQ(Must(log_.Made())[0].step, "flag: b");
}

// What is taken back is found to be so when it is undone again; the others must not wait for it.
TEST_F(SetupRunnerTest, UndoThatCannotBeRecordedGoesOnAndSaysSo) {
  Must(Run());
  log_.failing = "undone 2";
  const UndoSummary undone = Must(UndoChanges(Must(log_.Made()), host_, contents_, log_));
  EXPECT_TRUE(flags_.flags.empty());
  EXPECT_EQ(undone.failures,
            Trace{"'flag: b': it is taken back, and that is not recorded: disk full"});
  EXPECT_EQ(Must(log_.Made()).size(), 1U);
}

TEST_F(SetupRunnerTest, RebootNamesWhatFailedBefore) {
  flags_.failing = {"make a"};
  StepOf(1).needs_reboot = true;
  const Error error = FailedRun({.keep_going = true});
  EXPECT_EQ(error.code, ExitCode::kRebootNeeded);
  EXPECT_EQ(error.message,
            "the host has to be started anew before 'flag: b' can go on; before: 'flag: a': 'make' "
            "failed with exit status 1: no");
  // It failed in the middle of changing the host.
  EXPECT_EQ(host_.changed_since_boot, std::set<std::string>{"flag: a"});
}

// Nothing is made whose undo could not be kept.
TEST_F(SetupRunnerTest, CopyThatCannotBeKeptStopsBeforeTheChange) {
  test::WriteText(directory_ / "file", "octets");
  StepOf(1).touches = {"/file"};
  test::WriteText(directory_ / "contents", "in the way");
  const Error error = FailedRun();
  EXPECT_EQ(error.code, ExitCode::kInternal);
  EXPECT_TRUE(error.message.starts_with("'flag: b': ")) << error.message;
  EXPECT_TRUE(error.message.ends_with("; undone")) << error.message;
  EXPECT_TRUE(flags_.flags.empty());
  EXPECT_TRUE(std::find(trace_.begin(), trace_.end(), "make b") == trace_.end());
}

// A program that failed has ended: its files are taken back exactly, and no program has to guess.
TEST_F(SetupRunnerTest, WhatAFailedProgramWroteIsTakenBackExactly) {
  test::WriteText(directory_ / "file", "before");
  StepOf(1).touches = {"/file"};
  flags_.failing = {"make b"};
  flags_.writes = directory_ / "file";
  const Error error = FailedRun();
  EXPECT_EQ(error.message, "'flag: b': 'make' failed with exit status 1: no; undone");
  EXPECT_EQ(test::ReadText(directory_ / "file"), "before");
  EXPECT_EQ(Trace(trace_.end() - 5, trace_.end()),
            (Trace{"make b", "written", "undone 2", "unmake a", "undone 1"}));
}

TEST_F(SetupRunnerTest, RecordThatFailsAfterTheChangeUndoesIt) {
  test::WriteText(directory_ / "file", "before");
  StepOf(1).touches = {"/file"};
  flags_.writes = directory_ / "file";
  log_.failing = "written";
  const Error error = FailedRun();
  EXPECT_EQ(error.code, ExitCode::kInternal);
  EXPECT_EQ(error.message, "disk full; undone");
  EXPECT_TRUE(flags_.flags.empty());  // by "unmake b": what it wrote is not recorded
}

TEST_F(SetupRunnerTest, StepsThatNeedRootAreNamedBeforeAnythingIsChanged) {
  StepOf(0).needs_root = true;
  StepOf(2).needs_root = true;
  EXPECT_TRUE(CheckPrivilege(steps_, host_) || geteuid() != 0);
  // As somebody else, in a child: only the message comes back.
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const pid_t child = fork();
  if (child == 0) {
    const bool is_user = geteuid() != 0 || setuid(12345) == 0;
    const auto may = CheckPrivilege(steps_, host_);
    StepOf(2).needs_root = false;
    StepOf(1).fails = true;  // can not be told yet: no reason
    const auto one = CheckPrivilege(steps_, host_);
    const std::string said = !is_user || may || one ? "permitted"
                                                    : may.error().message + "|" + may.error().hint +
                                                          "|" + one.error().message;
    _exit(write(ends[1], said.data(), said.size()) > 0 ? 0 : 1);
  }
  std::array<char, 1000> said{};
  const ssize_t size = read(ends[0], said.data(), said.size());
  waitpid(child, nullptr, 0);
  close(ends[0]);
  close(ends[1]);
  EXPECT_EQ(std::string(said.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0))),
            "these steps need root: 'flag: a', 'flag: c'; nothing was changed|run the same command "
            "with sudo|one step needs root: 'flag: a'; nothing was changed");
  EXPECT_TRUE(flags_.flags.empty());
}

}  // namespace
}  // namespace lastgood
