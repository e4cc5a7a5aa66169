// SPDX-License-Identifier: MIT
// A board without lines: a person presses its buttons when asked, or does not.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "scenario/workbench.h"
#include "support/fake_attendant.h"

namespace lastgood::test {
namespace {

using Kind = sim::ImageRequest::Kind;

class ByHand : public testing::Test {
 protected:
  ByHand() {
    bench_.by_hand = true;
    bench_.person = &person_;
    person_.on_ask = [this](BoardMode mode) { return Press(mode); };
  }

  // As fingers do it.
  Result<void> Press(BoardMode mode) {
    const bool boot = mode == BoardMode::kDownload;
    const std::chrono::milliseconds finger(400);
    bench_.board->SetLines(false, boot);
    bench_.clock.SleepFor(finger);
    bench_.board->SetLines(true, boot);
    bench_.clock.SleepFor(finger);
    bench_.board->SetLines(false, boot);
    bench_.clock.SleepFor(finger);
    bench_.board->SetLines(false, false);
    bench_.clock.SleepFor(finger);  // until Enter
    return {};
  }

  static Result<void> GoAway(BoardMode) {
    return Fail(ExitCode::kRefused, "no Enter within 2 minutes");
  }

  // "loader, run, …": what was asked for.
  std::string Asked() const {
    std::string asked;
    for (const std::string& text : person_.asked)
      asked += text.find("boot button") != std::string::npos ? "loader " : "run ";
    return asked;
  }

  Workbench bench_;
  FakeAttendant person_;
  Firmware good_ = bench_.Make(Kind::kMicropython, "1.22.1");
  Firmware older_ = bench_.Make(Kind::kMicropython, "1.9.3", 2);
};

TEST_F(ByHand, BoardIsProvisionedWithTwoQuestions) {
  const RunOutcome outcome = bench_.Provision(good_, {older_});
  EXPECT_EQ(outcome.code, ExitCode::kDone) << outcome.text << "; " << outcome.hint;
  EXPECT_EQ(Asked(), "loader run ");
  EXPECT_TRUE(bench_.FlashEquals(good_));
  EXPECT_EQ(bench_.BoardHealth(), "healthy 1.22.1");
}

TEST_F(ByHand, SecondRunChangesNothingAndLeavesTheBoardRunning) {
  ASSERT_EQ(bench_.Provision(good_, {older_}).code, ExitCode::kDone);
  person_.asked.clear();
  const RunOutcome again = bench_.Provision(good_, {older_});
  EXPECT_EQ(again.code, ExitCode::kDone) << again.text;
  EXPECT_FALSE(again.changed);
  EXPECT_EQ(Asked(), "loader run ");
  EXPECT_TRUE(bench_.board->statistics().running_application);
}

TEST_F(ByHand, BadFirmwareIsRolledBackByHandToo) {
  ASSERT_EQ(bench_.Provision(older_, {good_}).code, ExitCode::kDone);
  person_.asked.clear();
  const Firmware bad = bench_.Make(Kind::kCrashing, "2.0.0");
  const RunOutcome outcome = bench_.Provision(bad, {});
  EXPECT_EQ(outcome.code, ExitCode::kRolledBack) << outcome.text;
  EXPECT_EQ(Asked(), "loader run loader run ");
  EXPECT_EQ(bench_.BoardHealth(), "healthy 1.9.3");
}

TEST_F(ByHand, FirstTryThatMissesIsAskedForOnceMore) {
  int asked = 0;
  person_.on_ask = [&](BoardMode mode) { return Press(++asked == 1 ? BoardMode::kRun : mode); };
  const RunOutcome outcome = bench_.Provision(good_, {older_});
  EXPECT_EQ(outcome.code, ExitCode::kDone) << outcome.text;
  EXPECT_EQ(Asked(), "loader loader run ");
}

TEST_F(ByHand, TwoThatMissEndItWithTheReasonAndChangeNothing) {
  person_.on_ask = [&](BoardMode) { return Press(BoardMode::kRun); };
  bench_.board->WriteFlash(0, ReadAll(bench_.directory / older_.file));
  const RunOutcome outcome = bench_.Provision(good_, {older_});
  EXPECT_EQ(outcome.code, ExitCode::kBoard);
  EXPECT_EQ(outcome.hint, "keep the boot button pressed until the reset button has been let go of");
  EXPECT_EQ(Asked(), "loader loader ");
  EXPECT_TRUE(bench_.FlashEquals(older_));
}

TEST_F(ByHand, WithoutAPersonNothingIsChangedAndTheInstructionIsTheHint) {
  bench_.person = nullptr;
  const RunOutcome outcome = bench_.Provision(good_, {older_});
  EXPECT_EQ(outcome.code, ExitCode::kRefused) << outcome.text;
  EXPECT_TRUE(outcome.hint.starts_with("hold the board's boot button")) << outcome.hint;
  EXPECT_EQ(bench_.board->statistics().sectors_erased, 0U);
}

TEST_F(ByHand, BoardThatWaitsInItsLoaderIsNotWrittenWhenNobodyCouldStartIt) {
  bench_.person = nullptr;
  ASSERT_TRUE(Press(BoardMode::kDownload));
  const RunOutcome outcome = bench_.Provision(good_, {older_});
  EXPECT_EQ(outcome.code, ExitCode::kRefused) << outcome.text;
  EXPECT_EQ(outcome.text,
            "nobody is there to start the new firmware: no reset line is wired to this host");
  EXPECT_EQ(bench_.board->statistics().sectors_erased, 0U);
}

TEST_F(ByHand, WhoGoesAwayBeforeTheProofComesBackAndResumes) {
  person_.on_ask = [&](BoardMode mode) {
    return mode == BoardMode::kRun ? GoAway(mode) : Press(mode);
  };
  const RunOutcome outcome = bench_.Provision(good_, {older_});
  EXPECT_EQ(outcome.code, ExitCode::kRefused) << outcome.text;
  EXPECT_EQ(outcome.text, "no Enter within 2 minutes; the board is unproven");
  EXPECT_EQ(outcome.hint, "finish it at the board, in a terminal, with: lastgood resume");
  EXPECT_EQ(Asked(), "loader run ");
  person_.on_ask = [this](BoardMode mode) { return Press(mode); };
  person_.asked.clear();
  const auto resumed = bench_.Resume();
  ASSERT_TRUE(resumed);
  EXPECT_EQ(resumed->code, ExitCode::kDone) << resumed->text;
  EXPECT_EQ(bench_.BoardHealth(), "healthy 1.22.1");
}

TEST_F(ByHand, ResumingWithoutAPersonLeavesTheRunToBeResumed) {
  person_.on_ask = [&](BoardMode mode) {
    return mode == BoardMode::kRun ? GoAway(mode) : Press(mode);
  };
  ASSERT_EQ(bench_.Provision(good_, {older_}).code, ExitCode::kRefused);
  bench_.ReloadBoard();  // it was switched off and on: no loader waits
  bench_.person = nullptr;
  const auto alone = bench_.Resume();
  ASSERT_TRUE(alone);
  EXPECT_EQ(alone->code, ExitCode::kRefused) << alone->text;
  bench_.person = &person_;
  person_.on_ask = [this](BoardMode mode) { return Press(mode); };
  const auto attended = bench_.Resume();
  ASSERT_TRUE(attended);
  EXPECT_EQ(attended->code, ExitCode::kDone) << attended->text;
}

TEST_F(ByHand, RollbackThatNobodyAttendsIsLeftToBeResumed) {
  ASSERT_EQ(bench_.Provision(older_, {good_}).code, ExitCode::kDone);
  const Firmware bad = bench_.Make(Kind::kCrashing, "2.0.0");
  int asked = 0;
  person_.on_ask = [&](BoardMode mode) { return ++asked > 2 ? GoAway(mode) : Press(mode); };
  const RunOutcome outcome = bench_.Provision(bad, {});
  EXPECT_EQ(outcome.code, ExitCode::kRefused) << outcome.text;
  person_.on_ask = [this](BoardMode mode) { return Press(mode); };
  const auto resumed = bench_.Resume();
  ASSERT_TRUE(resumed);
  EXPECT_EQ(resumed->code, ExitCode::kRolledBack) << resumed->text;
  EXPECT_EQ(bench_.BoardHealth(), "healthy 1.9.3");
}

}  // namespace
}  // namespace lastgood::test
