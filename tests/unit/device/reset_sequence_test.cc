// SPDX-License-Identifier: MIT
#include "device/reset_sequence.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace lastgood {
namespace {

using std::chrono::milliseconds;

constexpr int kPatienceValues[] = {std::numeric_limits<int>::min(), -1, 0, 1, 2, 3, 1000,
                                   std::numeric_limits<int>::max()};

// A chip that samples the boot line at the rising edge of reset, and the lines that lead to it.
struct Chip {
  struct Change {
    bool reset_asserted;
    bool boot_asserted;
    TimePoint when;
  };

  VirtualClock clock;
  std::vector<Change> changes;
  bool reset = false;
  bool boot = false;
  int starts = 0;
  bool started_in_loader = false;
  milliseconds reset_held{0};
  TimePoint reset_since;

  int fail_from = -1;  // the number of the first call that fails
  int fail_count = 0;  // how many calls fail

  Result<void> Set(bool reset_asserted, bool boot_asserted) {
    const int call = static_cast<int>(changes.size());
    changes.push_back({reset_asserted, boot_asserted, clock.Now()});
    if (fail_from >= 0 && call >= fail_from && call < fail_from + fail_count)
      return Fail(ExitCode::kBoard, "call " + std::to_string(call) + " failed");
    if (!reset && reset_asserted) reset_since = clock.Now();
    if (reset && !reset_asserted) {
      ++starts;
      // The level before this step: a line that moves together with reset proves nothing.
      started_in_loader = boot && boot_asserted;
      reset_held = std::chrono::duration_cast<milliseconds>(clock.Now() - reset_since);
    }
    reset = reset_asserted;
    boot = boot_asserted;
    return {};
  }

  Result<void> Play(std::span<const ResetStep> sequence) {
    return PlaySequence(sequence, clock, [this](bool reset_asserted, bool boot_asserted) {
      return Set(reset_asserted, boot_asserted);
    });
  }
};

TEST(ResetSequenceTest, DownloadStartsTheChipOnceInItsLoader) {
  for (const int patience : kPatienceValues) {
    Chip chip;
    ASSERT_TRUE(chip.Play(DownloadSequence(patience)));
    EXPECT_EQ(chip.starts, 1);
    EXPECT_TRUE(chip.started_in_loader);
    EXPECT_FALSE(chip.reset);
    EXPECT_FALSE(chip.boot);
  }
}

TEST(ResetSequenceTest, RunStartsTheChipOnceInItsFirmware) {
  for (const int patience : kPatienceValues) {
    Chip chip;
    ASSERT_TRUE(chip.Play(RunSequence(patience)));
    EXPECT_EQ(chip.starts, 1);
    EXPECT_FALSE(chip.started_in_loader);
    for (const Chip::Change& change : chip.changes) EXPECT_FALSE(change.boot_asserted);
    EXPECT_FALSE(chip.reset);
  }
}

TEST(ResetSequenceTest, HoldsAreThoseOfTheProtocolReference) {
  const struct {
    int patience;
    milliseconds reset_hold;
    milliseconds boot_hold;
  } kCases[] = {
      {0, milliseconds(20), milliseconds(50)},   {1, milliseconds(100), milliseconds(50)},
      {2, milliseconds(500), milliseconds(550)}, {99, milliseconds(500), milliseconds(550)},
      {-1, milliseconds(20), milliseconds(50)},
  };
  for (const auto& test_case : kCases) {
    Chip download;
    ASSERT_TRUE(download.Play(DownloadSequence(test_case.patience)));
    EXPECT_EQ(download.reset_held, test_case.reset_hold);
    ASSERT_GE(download.changes.size(), 2U);
    const TimePoint reset_released = (download.changes.end() - 2)->when;
    EXPECT_EQ(download.changes.back().when - reset_released, test_case.boot_hold);
    Chip run;
    ASSERT_TRUE(run.Play(RunSequence(test_case.patience)));
    EXPECT_EQ(run.reset_held, test_case.reset_hold);
  }
}

TEST(ResetSequenceTest, BootLineIsAtRestWhenResetIsAsserted) {
  for (const int patience : kPatienceValues) {
    bool boot = false;
    bool reset = false;
    for (const ResetStep& step : DownloadSequence(patience)) {
      EXPECT_FALSE(step.boot_asserted != boot && step.reset_asserted != reset);
      boot = step.boot_asserted;
      reset = step.reset_asserted;
    }
  }
}

TEST(ResetSequenceTest, ModeChoosesTheSequence) {
  EXPECT_EQ(SequenceFor(BoardMode::kDownload, 1).data(), DownloadSequence(1).data());
  EXPECT_EQ(SequenceFor(BoardMode::kRun, 1).data(), RunSequence(1).data());
}

TEST(ResetSequenceTest, TransistorCircuitStartsInTheLoader) {
  for (const int patience : kPatienceValues) {
    // Each transistor conducts only while the other line is off. The enable pin's capacitor delays
    // its rise, so the boot pin's new level is there first.
    bool enable_low = false;
    bool loader = false;
    for (const ResetStep& step : ModemDownloadSequence(patience)) {
      const bool reset_pin_low = step.reset_asserted && !step.boot_asserted;
      const bool boot_pin_low = step.boot_asserted && !step.reset_asserted;
      if (enable_low && !reset_pin_low) loader = boot_pin_low;
      enable_low = reset_pin_low;
    }
    EXPECT_TRUE(loader);
    EXPECT_FALSE(enable_low);
    EXPECT_FALSE(ModemDownloadSequence(patience).back().boot_asserted);
  }
}

TEST(PlaySequenceTest, FailureAnywhereReleasesBothLinesAndIsReported) {
  const auto sequence = DownloadSequence(0);
  for (int failing = 0; failing < static_cast<int>(sequence.size()); ++failing) {
    Chip chip;
    chip.fail_from = failing;
    chip.fail_count = 1;
    const auto played = chip.Play(sequence);
    ASSERT_FALSE(played);
    EXPECT_EQ(played.error().message, "call " + std::to_string(failing) + " failed");
    EXPECT_FALSE(chip.changes.back().reset_asserted);
    EXPECT_FALSE(chip.changes.back().boot_asserted);
    EXPECT_EQ(chip.changes.size(), static_cast<std::size_t>(failing) + 2);
    EXPECT_FALSE(chip.reset || chip.boot);
  }
}

TEST(PlaySequenceTest, FirstFailureIsTheOneThatIsReported) {
  Chip chip;
  chip.fail_from = 1;
  chip.fail_count = 100;
  const auto played = chip.Play(DownloadSequence(0));
  ASSERT_FALSE(played);
  EXPECT_EQ(played.error().message, "call 1 failed");
}

TEST(PlaySequenceTest, SequenceThatDoesNotReleaseIsReleasedAllTheSame) {
  Chip chip;
  const ResetStep kHold[] = {{true, true, milliseconds(5)}};
  ASSERT_TRUE(chip.Play(kHold));
  EXPECT_FALSE(chip.reset || chip.boot);
  Chip failing;
  failing.fail_from = 1;
  failing.fail_count = 1;
  EXPECT_FALSE(failing.Play(kHold)) << "lines that stay asserted are a failure";
}

TEST(PlaySequenceTest, EmptySequenceReleases) {
  Chip chip;
  ASSERT_TRUE(chip.Play({}));
  ASSERT_EQ(chip.changes.size(), 1U);
  EXPECT_FALSE(chip.changes[0].reset_asserted || chip.changes[0].boot_asserted);
}

}  // namespace
}  // namespace lastgood
