// SPDX-License-Identifier: MIT
// What every BoardLines promises: tests/contract holds those that need no hardware to it,
// tests/contract_gpio those that need a GPIO chip.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "device/board_lines.h"
#include "host/clock.h"

namespace lastgood::test {

using LineLevels = std::pair<bool, bool>;  // reset asserted, boot asserted

// Lines, with all that they stand on.
class Wiring {
 public:
  virtual ~Wiring() = default;
  virtual BoardLines& Lines() = 0;
  virtual ExitCode Expected() const { return ExitCode::kDone; }
  // Whether this host sets their levels itself, and so can say them.
  virtual bool SetsLevels() const { return false; }
  // False when the wiring can tell that a line is still asserted.
  virtual bool Released() { return true; }

 protected:
  VirtualClock clock_;
};

template <class T>
class BoardLinesContract : public testing::Test {
 protected:
  T wiring_;
};

TYPED_TEST_SUITE_P(BoardLinesContract);

TYPED_TEST_P(BoardLinesContract, HasANameForMessages) {
  EXPECT_NE(this->wiring_.Lines().Name(), "");
}

TYPED_TEST_P(BoardLinesContract, EveryModeAndPatienceWorksOrSaysWhyNot) {
  for (const BoardMode mode : {BoardMode::kDownload, BoardMode::kRun}) {
    for (const int patience : {0, 1, 2, 100, -1}) {
      const auto reset = this->wiring_.Lines().Reset(mode, patience);
      EXPECT_EQ(reset ? ExitCode::kDone : reset.error().code, this->wiring_.Expected());
      if (!reset) {
        EXPECT_NE(reset.error().message, "");
        EXPECT_NE(reset.error().hint, "");
      }
    }
  }
}

TYPED_TEST_P(BoardLinesContract, BothLinesAreReleasedAfterwards) {
  for (const BoardMode mode : {BoardMode::kDownload, BoardMode::kRun, BoardMode::kRun}) {
    const auto reset = this->wiring_.Lines().Reset(mode, 0);
    EXPECT_EQ(reset.has_value(), this->wiring_.Expected() == ExitCode::kDone);
    EXPECT_TRUE(this->wiring_.Released());
  }
}

// Download mode is what the chip finds on its boot pin when its reset pin is let go of.
TYPED_TEST_P(BoardLinesContract, WhoWatchesIsToldTheLevelsInOrder) {
  BoardLines& lines = this->wiring_.Lines();
  std::vector<LineLevels> told;
  lines.Watch([&told](bool reset, bool boot) { told.emplace_back(reset, boot); });
  for (const BoardMode mode : {BoardMode::kDownload, BoardMode::kRun}) {
    for (const int patience : {0, 1}) {
      told.clear();
      const auto reset = lines.Reset(mode, patience);
      EXPECT_EQ(reset.has_value(), this->wiring_.Expected() == ExitCode::kDone);
      if (!this->wiring_.SetsLevels()) {
        EXPECT_TRUE(told.empty());
        continue;
      }
      ASSERT_FALSE(told.empty());
      EXPECT_EQ(told.back(), LineLevels(false, false));
      const auto let_go = std::adjacent_find(
          told.begin(), told.end(),
          [](LineLevels before, LineLevels after) { return before.first && !after.first; });
      ASSERT_NE(let_go, told.end());
      EXPECT_EQ(let_go[1].second, mode == BoardMode::kDownload);
    }
  }
  lines.Watch({});
  told.clear();
  EXPECT_EQ(lines.Reset(BoardMode::kRun, 0).has_value(),
            this->wiring_.Expected() == ExitCode::kDone);
  EXPECT_TRUE(told.empty());
}

REGISTER_TYPED_TEST_SUITE_P(BoardLinesContract, HasANameForMessages,
                            EveryModeAndPatienceWorksOrSaysWhyNot, BothLinesAreReleasedAfterwards,
                            WhoWatchesIsToldTheLevelsInOrder);

}  // namespace lastgood::test
