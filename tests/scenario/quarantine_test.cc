// SPDX-License-Identifier: MIT
// What failed is not tried again unattended, on its board, and after two boards on any: neither
// gullible nor nervous.
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "scenario/workbench.h"

namespace lastgood::test {
namespace {

using Kind = sim::ImageRequest::Kind;
using Texts = std::vector<std::string>;

constexpr std::uint32_t kMegabyte = 1U << 20;

MacAddress BoardNumber(std::uint8_t number) { return {{0x18, 0xfe, 0x34, 0x00, 0x00, number}}; }

class Quarantining : public testing::Test {
 protected:
  Quarantining() { UseBoard(1); }

  void UseBoard(std::uint8_t number, std::uint32_t flash_size = 4 * kMegabyte) {
    bench_.Swap(BoardNumber(number), flash_size);
  }
  // A board that runs `older_` as known good fails with `bad_`: two runs.
  void FailOnBoard(std::uint8_t number, std::uint32_t flash_size = 4 * kMegabyte) {
    UseBoard(number, flash_size);
    ASSERT_EQ(bench_.Provision(older_, {good_}).code, ExitCode::kDone);
    ASSERT_EQ(bench_.Provision(bad_, {}).code, ExitCode::kRolledBack);
  }
  RunOutcome Retry(const Firmware& firmware) {
    RunOptions options;
    options.retry = true;
    return bench_.Provision(firmware, {older_}, options);
  }

  Workbench bench_;
  Firmware good_ = bench_.Make(Kind::kMicropython, "1.22.1");
  Firmware older_ = bench_.Make(Kind::kMicropython, "1.9.3", 2);
  Firmware bad_ = bench_.Make(Kind::kCrashing, "2.0.0");
};

TEST_F(Quarantining, NightlyRunIsRefusedBeforeAnyWriteAndSaysWhatRuns) {
  FailOnBoard(1);
  const auto before = bench_.board->statistics();
  const RunOutcome again = bench_.Provision(bad_, {});
  const auto after = bench_.board->statistics();
  EXPECT_EQ(again.code, ExitCode::kRefused);
  EXPECT_EQ(
      again.text,
      "MicroPython 2.0.0 failed on board 18:fe:34:00:00:01 in run 2 and is quarantined there; "
      "the board runs MicroPython 1.9.3, which is known good");
  EXPECT_EQ(again.hint, "choose another version, or try it again with --retry");
  EXPECT_EQ(after.sectors_erased, before.sectors_erased);
  EXPECT_EQ(after.resets_by_line - before.resets_by_line, 2U) << "into its loader and out of it";
}

TEST_F(Quarantining, ForceIsForFlashSettingsOnly) {
  FailOnBoard(1);
  RunOptions options;
  options.force = true;
  EXPECT_EQ(bench_.Provision(bad_, {}, options).code, ExitCode::kRefused);
}

TEST_F(Quarantining, RetryTriesAgainAndAFailureKeepsIt) {
  FailOnBoard(1);
  EXPECT_EQ(Retry(bad_).code, ExitCode::kRolledBack);
  EXPECT_EQ(bench_.Provision(bad_, {}).code, ExitCode::kRefused);
}

TEST_F(Quarantining, OneBoardSaysNothingAboutAnother) {
  FailOnBoard(1);
  UseBoard(2);
  EXPECT_EQ(bench_.Provision(bad_, {older_}).code, ExitCode::kRolledBack);
}

TEST_F(Quarantining, TwoBoardsSayItForAllWhateverTheirFlash) {
  FailOnBoard(1);
  FailOnBoard(2, kMegabyte);
  UseBoard(3, 2 * kMegabyte);
  const RunOutcome third = bench_.Provision(bad_, {older_});
  EXPECT_EQ(third.code, ExitCode::kRefused);
  EXPECT_EQ(third.text,
            "MicroPython 2.0.0 failed on board 18:fe:34:00:00:01 in run 2 and on board "
            "18:fe:34:00:00:02 in run 4, and is quarantined for every board");
  EXPECT_EQ(bench_.board->statistics().sectors_erased, 0U);
  EXPECT_EQ(bench_.Provision(good_, {older_}).code, ExitCode::kDone) << "another one is welcome";
}

TEST_F(Quarantining, OtherFlashSettingsAreAnotherFirmware) {
  FailOnBoard(1);
  FailOnBoard(2);
  UseBoard(3);
  Firmware changed = bad_;
  changed.flash = "size = \"detect\"\nmode = \"dio\"";
  EXPECT_EQ(bench_.Provision(changed, {older_}).code, ExitCode::kRolledBack);
}

// Two boards with a check that good firmware can not meet.
TEST_F(Quarantining, RetryThatSucceedsLiftsItForTheBoardAndForAll) {
  Firmware mislabelled = good_;
  mislabelled.version = "1.23.0";
  for (const std::uint8_t number : std::array<std::uint8_t, 2>{1, 2}) {
    UseBoard(number);
    ASSERT_EQ(bench_.Provision(mislabelled, {older_}).code, ExitCode::kRolledBack);
  }
  UseBoard(3);
  ASSERT_EQ(bench_.Provision(good_, {older_}).code, ExitCode::kRefused) << "the same octets";
  ASSERT_EQ(Retry(good_).code, ExitCode::kDone);
  UseBoard(4);
  EXPECT_EQ(bench_.Provision(good_, {older_}).code, ExitCode::kDone);
  UseBoard(1);
  EXPECT_EQ(bench_.Provision(good_, {older_}).code, ExitCode::kRefused) << "there it did fail";
  EXPECT_EQ(Retry(good_).code, ExitCode::kDone);
  EXPECT_EQ(bench_.Quarantined(), Texts{"18:fe:34:00:00:02 in run 2"});
}

TEST_F(Quarantining, IsKeptByAPowerCutDuringTheRollback) {
  ASSERT_EQ(bench_.Provision(older_, {good_}).code, ExitCode::kDone);
  bench_.reporter.on_state = [this](const StateEvent& event) {
    if (event.state == "flashing-fallback") bench_.interrupt.Request();
  };
  ASSERT_EQ(bench_.Provision(bad_, {}).code, ExitCode::kInterrupted);
  bench_.reporter.on_state = nullptr;
  bench_.interrupt.Clear();
  ASSERT_EQ(bench_.Resume()->code, ExitCode::kRolledBack);
  EXPECT_EQ(bench_.Provision(bad_, {}).code, ExitCode::kRefused);
}

TEST_F(Quarantining, WireThatIsCutCondemnsNoFirmware) {
  ASSERT_EQ(bench_.Provision(older_, {good_}).code, ExitCode::kDone);
  bench_.reporter.on_state = [this](const StateEvent& event) {
    if (event.state == "health") bench_.deaf = true;
  };
  const RunOutcome outcome = bench_.Provision(good_, {});
  EXPECT_EQ(outcome.code, ExitCode::kNeedsHands) << outcome.text;
  EXPECT_EQ(bench_.Quarantined(), Texts{});
}

TEST_F(Quarantining, WireThatIsCutForTheCheckOnlyCondemnsNoFirmware) {
  ASSERT_EQ(bench_.Provision(older_, {good_}).code, ExitCode::kDone);
  bench_.reporter.on_state = [this](const StateEvent& event) {
    bench_.deaf = event.state == "health";
  };
  const RunOutcome outcome = bench_.Provision(good_, {});
  EXPECT_EQ(outcome.code, ExitCode::kRolledBack) << outcome.text;
  EXPECT_EQ(bench_.Quarantined(), Texts{});
}

TEST_F(Quarantining, BoardThatAnswersAgainByItselfIsSaidSo) {
  ASSERT_EQ(bench_.Provision(older_, {good_}).code, ExitCode::kDone);
  bench_.reporter.on_state = [this](const StateEvent& event) {
    bench_.deaf = event.state == "health";
  };
  bench_.reporter.on_stage = [this](const StageEvent& event) {
    if (event.stage == "health") bench_.deaf = false;
  };
  const RunOutcome outcome = bench_.Provision(good_, {});
  EXPECT_EQ(outcome.code, ExitCode::kRolledBack);
  EXPECT_EQ(outcome.text,
            "MicroPython 1.22.1 did not prove itself, though it answered again later as "
            "MicroPython 1.22.1; rolled back, the board runs MicroPython 1.9.3");
}

TEST_F(Quarantining, FirmwareThatSaysNothingIsCondemnedOnceAFallbackAnswers) {
  ASSERT_EQ(bench_.Provision(older_, {good_}).code, ExitCode::kDone);
  ASSERT_EQ(bench_.Provision(bench_.Make(Kind::kSilent, "2.1.0"), {}).code, ExitCode::kRolledBack);
  EXPECT_EQ(bench_.Quarantined(), Texts{"18:fe:34:00:00:01 in run 2"});
}

TEST_F(Quarantining, PinnedFallbackThatFailedOnTheBoardIsNone) {
  FailOnBoard(1);
  UseBoard(2);
  ASSERT_EQ(bench_.Provision(bad_, {older_}).code, ExitCode::kRolledBack);
  UseBoard(1);
  const RunOutcome outcome = bench_.Provision(good_, {bad_});
  EXPECT_EQ(outcome.code, ExitCode::kDone) << outcome.text;
  const StageEvent* fallback = nullptr;
  for (const StageEvent& event : bench_.reporter.stages)
    if (event.stage == "fallback") fallback = &event;
  ASSERT_NE(fallback, nullptr);
  EXPECT_EQ(fallback->details, Texts{"MicroPython 2.0.0: failed on this board before"});
}

TEST_F(Quarantining, GoingBackByHandToWhatFailedWarnsAndGoes) {
  ASSERT_EQ(bench_.Provision(older_, {good_}).code, ExitCode::kDone);
  Firmware mislabelled = older_;
  mislabelled.version = "1.9.4";
  ASSERT_EQ(bench_.Provision(good_, {}).code, ExitCode::kDone);
  ASSERT_EQ(bench_.Provision(mislabelled, {}).code, ExitCode::kRolledBack);
  const RunOutcome outcome = bench_.RollBack("1.9");
  EXPECT_EQ(outcome.code, ExitCode::kDone) << outcome.text;
  EXPECT_NE(bench_.reporter.LastOf("plan").find("is quarantined there; tried again, as asked"),
            std::string::npos)
      << bench_.reporter.LastOf("plan");
}

}  // namespace
}  // namespace lastgood::test
