// SPDX-License-Identifier: MIT
// What every BoardLines promises: tests/contract holds those that need no hardware to it,
// tests/contract_gpio those that need a GPIO chip.
#pragma once

#include <gtest/gtest.h>

#include "device/board_lines.h"
#include "host/clock.h"

namespace lastgood::test {

// Lines, with all that they stand on.
class Wiring {
 public:
  virtual ~Wiring() = default;
  virtual BoardLines& Lines() = 0;
  virtual ExitCode Expected() const { return ExitCode::kDone; }
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

REGISTER_TYPED_TEST_SUITE_P(BoardLinesContract, HasANameForMessages,
                            EveryModeAndPatienceWorksOrSaysWhyNot, BothLinesAreReleasedAfterwards);

}  // namespace lastgood::test
