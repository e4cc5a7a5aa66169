// SPDX-License-Identifier: MIT
#include "device/reset_sequence.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

namespace lastgood {
namespace {

using std::chrono::milliseconds;

constexpr int kPatienceValues[] = {std::numeric_limits<int>::min(), -1, 0, 1, 2, 3, 1000,
                                   std::numeric_limits<int>::max()};
constexpr SequenceName kNames[] = {SequenceName::kDirect, SequenceName::kTwoTransistor,
                                   SequenceName::kUsbJtag};

std::string_view NameOf(SequenceName name) {
  return kSequenceNames[static_cast<std::size_t>(name)];
}

// Remembers what was set; `fail_count` calls from `fail_from` on fail.
struct Lines {
  struct Change {
    bool reset_asserted;
    bool boot_asserted;
    TimePoint when;
  };

  VirtualClock clock;
  std::vector<Change> changes;
  bool reset = false;
  bool boot = false;
  int fail_from = -1;
  int fail_count = 0;

  Result<void> Set(bool reset_asserted, bool boot_asserted) {
    const int call = static_cast<int>(changes.size());
    changes.push_back({reset_asserted, boot_asserted, clock.Now()});
    if (fail_from >= 0 && call >= fail_from && call < fail_from + fail_count)
      return Fail(ExitCode::kBoard, "call " + std::to_string(call) + " failed");
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

// What lies between the lines and the chip: the circuit, and the reset pin's capacitor.
struct Circuit {
  bool two_transistors = false;
  milliseconds fall{0};
  milliseconds rise{0};
};

struct Started {
  int times = 0;
  bool in_loader = false;  // the last time

  bool operator==(const Started&) const = default;
};

// Plays it to a chip that runs, one millisecond after the other, and waits until the pin has risen.
// The chip looks at its boot pin when its reset pin rises; without a capacitor to speak of, at the
// level before this moment: a pin that moves together with reset proves nothing.
Started PlayTo(const Circuit& circuit, std::span<const ResetStep> sequence) {
  Started started;
  bool in_reset = false;
  bool boot_before = false;
  milliseconds low{0};
  milliseconds high{0};
  const auto pass = [&](const ResetStep& step, milliseconds time) {
    const bool both = circuit.two_transistors && step.reset_asserted && step.boot_asserted;
    const bool reset_pin_low = step.reset_asserted && !both;
    const bool boot_pin_low = step.boot_asserted && !both;
    for (milliseconds t{0}; t < std::max(time, milliseconds(1)); ++t) {
      low = reset_pin_low ? low + milliseconds(time.count() == 0 ? 0 : 1) : milliseconds(0);
      high = reset_pin_low ? milliseconds(0) : high + milliseconds(time.count() == 0 ? 0 : 1);
      if (!in_reset && reset_pin_low && low >= circuit.fall) in_reset = true;
      if (!in_reset || reset_pin_low || high < circuit.rise) continue;
      in_reset = false;
      ++started.times;
      const bool at_once = circuit.rise.count() == 0;
      started.in_loader = boot_pin_low && (!at_once || boot_before);
    }
    boot_before = boot_pin_low;
  };
  for (const ResetStep& step : sequence) pass(step, step.hold);
  pass({}, circuit.rise + milliseconds(1));
  return started;
}

milliseconds Length(std::span<const ResetStep> sequence) {
  milliseconds length{0};
  for (const ResetStep& step : sequence) length += step.hold;
  return length;
}

// Two transistors and the usual 100 nF, whose millisecond lets the boot pin fall first.
constexpr Circuit kDevelopmentBoard{true, milliseconds(0), milliseconds(2)};

TEST(ResetSequenceTest, EverySequenceEndsWithBothLinesReleased) {
  for (const SequenceName name : kNames) {
    for (const BoardMode mode : {BoardMode::kDownload, BoardMode::kRun}) {
      for (const int patience : kPatienceValues) {
        Lines lines;
        ASSERT_TRUE(lines.Play(SequenceFor(mode, patience, name)));
        EXPECT_FALSE(lines.reset || lines.boot) << NameOf(name) << ' ' << patience;
      }
    }
  }
}

TEST(ResetSequenceTest, DownloadStartsTheChipOnceInItsLoader) {
  const Started in_loader{1, true};
  for (const int patience : kPatienceValues) {
    const auto direct = SequenceFor(BoardMode::kDownload, patience, SequenceName::kDirect);
    EXPECT_EQ(PlayTo({}, direct), in_loader) << patience;
    const auto transistors =
        SequenceFor(BoardMode::kDownload, patience, SequenceName::kTwoTransistor);
    EXPECT_EQ(PlayTo(kDevelopmentBoard, transistors), in_loader) << patience;
  }
}

TEST(ResetSequenceTest, RunStartsTheChipOnceInItsFirmware) {
  const Started in_firmware{1, false};
  for (const SequenceName name : kNames) {
    for (const int patience : kPatienceValues) {
      const auto run = SequenceFor(BoardMode::kRun, patience, name);
      for (const Circuit& circuit : {Circuit{}, kDevelopmentBoard})
        EXPECT_EQ(PlayTo(circuit, run), in_firmware) << NameOf(name) << ' ' << patience;
      for (const ResetStep& step : run) EXPECT_FALSE(step.boot_asserted);
    }
  }
}

TEST(ResetSequenceTest, CircuitAndNameBelongTogether) {
  const auto direct = SequenceFor(BoardMode::kDownload, 0, SequenceName::kDirect);
  EXPECT_NE(PlayTo(kDevelopmentBoard, direct), (Started{1, true}));
  const auto transistors = SequenceFor(BoardMode::kDownload, 0, SequenceName::kTwoTransistor);
  EXPECT_NE(PlayTo({}, transistors), (Started{1, true}));
}

// The first row of patience that starts a chip with such a reset pin in its loader.
TEST(ResetSequenceTest, SlowResetPinIsReachedByALongerRow) {
  struct Case {
    SequenceName name;
    milliseconds fall;
    milliseconds rise;
    int patience;
  };
  const Case cases[] = {
      {SequenceName::kDirect, milliseconds(15), milliseconds(40), 0},
      {SequenceName::kDirect, milliseconds(80), milliseconds(40), 1},
      {SequenceName::kDirect, milliseconds(30), milliseconds(300), 2},
      {SequenceName::kDirect, milliseconds(450), milliseconds(500), 2},
      {SequenceName::kTwoTransistor, milliseconds(80), milliseconds(40), 0},
      {SequenceName::kTwoTransistor, milliseconds(30), milliseconds(300), 1},
      {SequenceName::kTwoTransistor, milliseconds(400), milliseconds(1000), 2},
  };
  for (const Case& row : cases) {
    const Circuit circuit{row.name == SequenceName::kTwoTransistor, row.fall, row.rise};
    for (int patience = 0; patience <= 2; ++patience) {
      const auto sequence = SequenceFor(BoardMode::kDownload, patience, row.name);
      EXPECT_EQ(PlayTo(circuit, sequence).in_loader, patience >= row.patience)
          << NameOf(row.name) << ' ' << row.fall.count() << ' ' << row.rise.count() << " patience "
          << patience;
    }
  }
}

TEST(ResetSequenceTest, MorePatienceOnlyLengthensTheHolds) {
  for (const SequenceName name : kNames) {
    for (const BoardMode mode : {BoardMode::kDownload, BoardMode::kRun}) {
      for (int patience = -1; patience < 4; ++patience) {
        const auto shorter = SequenceFor(mode, patience, name);
        const auto longer = SequenceFor(mode, patience + 1, name);
        ASSERT_EQ(shorter.size(), longer.size());
        for (std::size_t i = 0; i < shorter.size(); ++i) {
          EXPECT_EQ(shorter[i].reset_asserted, longer[i].reset_asserted);
          EXPECT_EQ(shorter[i].boot_asserted, longer[i].boot_asserted);
          EXPECT_LE(shorter[i].hold, longer[i].hold);
        }
      }
    }
  }
}

TEST(ResetSequenceTest, NoSequenceTakesLongerThanARunHasPatienceFor) {
  for (const SequenceName name : kNames) {
    for (const BoardMode mode : {BoardMode::kDownload, BoardMode::kRun}) {
      EXPECT_LE(Length(SequenceFor(mode, 0, name)), milliseconds(400)) << NameOf(name);
      EXPECT_LE(Length(SequenceFor(mode, 1000, name)), milliseconds(2000)) << NameOf(name);
    }
  }
}

TEST(ResetSequenceTest, DirectHoldsAreThoseOfTheProtocolReference) {
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
    const auto download = SequenceFor(BoardMode::kDownload, test_case.patience);
    ASSERT_EQ(download.size(), 4U);
    EXPECT_EQ(download[1].hold, test_case.reset_hold);
    EXPECT_EQ(download[2].hold, test_case.boot_hold);
    EXPECT_EQ(SequenceFor(BoardMode::kRun, test_case.patience)[0].hold, test_case.reset_hold);
  }
}

TEST(ResetSequenceTest, BootLineIsAtRestWhenPlainResetMoves) {
  for (const int patience : kPatienceValues) {
    bool boot = false;
    bool reset = false;
    for (const ResetStep& step : SequenceFor(BoardMode::kDownload, patience)) {
      EXPECT_FALSE(step.boot_asserted != boot && step.reset_asserted != reset);
      boot = step.boot_asserted;
      reset = step.reset_asserted;
    }
  }
}

TEST(ResetSequenceTest, TransistorsNeverDriveBothPins) {
  // Reset alone, then boot alone, with nothing between them: what is set at once is there at once.
  for (const int patience : kPatienceValues) {
    const auto sequence = SequenceFor(BoardMode::kDownload, patience, SequenceName::kTwoTransistor);
    std::size_t reset_alone = 0;
    while (!(sequence[reset_alone].reset_asserted && !sequence[reset_alone].boot_asserted))
      ++reset_alone;
    EXPECT_GT(sequence[reset_alone].hold, milliseconds(0));
    EXPECT_TRUE(sequence[reset_alone + 1].boot_asserted);
    EXPECT_FALSE(sequence[reset_alone + 1].reset_asserted);
    for (const ResetStep& step : sequence) {
      const bool both = step.reset_asserted && step.boot_asserted;
      EXPECT_TRUE(!both || step.hold == milliseconds(0));
    }
  }
}

TEST(ResetSequenceTest, UsbJtagGoesFromBootToResetThroughBoth) {
  for (const int patience : kPatienceValues) {
    std::string levels;
    for (const ResetStep& step :
         SequenceFor(BoardMode::kDownload, patience, SequenceName::kUsbJtag))
      levels += fmt::format("{:d}{:d} ", step.reset_asserted, step.boot_asserted);
    EXPECT_EQ(levels, "00 01 11 10 00 ");
  }
}

TEST(ResetSequenceTest, RecipesCallThemByName) {
  EXPECT_EQ(NameOf(SequenceName::kDirect), "direct");
  EXPECT_EQ(NameOf(SequenceName::kTwoTransistor), "two-transistor");
  EXPECT_EQ(NameOf(SequenceName::kUsbJtag), "usb-jtag");
}

TEST(PlaySequenceTest, FailureAnywhereReleasesBothLinesAndIsReported) {
  const auto sequence = SequenceFor(BoardMode::kDownload, 0);
  for (int failing = 0; failing < static_cast<int>(sequence.size()); ++failing) {
    Lines lines;
    lines.fail_from = failing;
    lines.fail_count = 1;
    const auto played = lines.Play(sequence);
    ASSERT_FALSE(played);
    EXPECT_EQ(played.error().message, "call " + std::to_string(failing) + " failed");
    EXPECT_FALSE(lines.changes.back().reset_asserted);
    EXPECT_FALSE(lines.changes.back().boot_asserted);
    EXPECT_EQ(lines.changes.size(), static_cast<std::size_t>(failing) + 2);
    EXPECT_FALSE(lines.reset || lines.boot);
  }
}

TEST(PlaySequenceTest, FirstFailureIsTheOneThatIsReported) {
  Lines lines;
  lines.fail_from = 1;
  lines.fail_count = 100;
  const auto played = lines.Play(SequenceFor(BoardMode::kDownload, 0));
  ASSERT_FALSE(played);
  EXPECT_EQ(played.error().message, "call 1 failed");
}

TEST(PlaySequenceTest, SequenceThatDoesNotReleaseIsReleasedAllTheSame) {
  Lines lines;
  const ResetStep kHold[] = {{true, true, milliseconds(5)}};
  ASSERT_TRUE(lines.Play(kHold));
  EXPECT_FALSE(lines.reset || lines.boot);
  Lines failing;
  failing.fail_from = 1;
  failing.fail_count = 1;
  EXPECT_FALSE(failing.Play(kHold)) << "lines that stay asserted are a failure";
}

TEST(PlaySequenceTest, EmptySequenceReleases) {
  Lines lines;
  ASSERT_TRUE(lines.Play({}));
  ASSERT_EQ(lines.changes.size(), 1U);
  EXPECT_FALSE(lines.changes[0].reset_asserted || lines.changes[0].boot_asserted);
}

}  // namespace
}  // namespace lastgood
