// SPDX-License-Identifier: MIT
// What every BoardLines promises. GPIO lines are not among them here: they need a GPIO chip.
#include <gtest/gtest.h>

#include <memory>

#include "device/command_lines.h"
#include "device/modem_lines.h"
#include "device/no_lines.h"
#include "sim/simulated_board.h"
#include "support/fake_attendant.h"
#include "support/fake_process_runner.h"
#include "support/silent_port.h"

namespace lastgood {
namespace {

using std::chrono::milliseconds;

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

class CommandWiring : public Wiring {
 public:
  explicit CommandWiring(int exit_status = 0) {
    runner_.Script({"relay", "boot"}, exit_status);
    runner_.Script({"relay", "run"}, exit_status);
  }
  BoardLines& Lines() override { return lines_; }

 private:
  test::FakeProcessRunner runner_;
  CommandLines lines_{{"relay", "boot"}, {"relay", "run"}, runner_, milliseconds(1000)};
};

class FailingCommandWiring final : public CommandWiring {
 public:
  FailingCommandWiring() : CommandWiring(1) {}
  ExitCode Expected() const override { return ExitCode::kBoard; }
};

class NoWiring final : public Wiring {
 public:
  BoardLines& Lines() override { return lines_; }
  ExitCode Expected() const override { return ExitCode::kRefused; }

 private:
  NoLines lines_{nullptr, "/dev/ttyUSB0"};
};

class HandWiring final : public Wiring {
 public:
  BoardLines& Lines() override { return lines_; }

 private:
  test::FakeAttendant attendant_;
  NoLines lines_{&attendant_, "/dev/ttyUSB0"};
};

class ModemWiring : public Wiring {
 public:
  BoardLines& Lines() override { return lines_; }
  bool Released() override { return port_.levels.back() == std::make_pair(false, false); }

 protected:
  test::ModemPort port_;
  ModemLines lines_{port_, "/dev/ttyUSB0", clock_};
};

class SimulatedWiring final : public Wiring {
 public:
  SimulatedWiring() {
    auto board = sim::SimulatedBoard::Make({}, clock_);
    EXPECT_TRUE(board) << board.error().message;
    board_ = *std::move(board);
    lines_ = board_->OpenLines();
  }
  BoardLines& Lines() override { return *lines_; }
  // A chip that is held in reset does not boot.
  bool Released() override {
    clock_.SleepFor(milliseconds(500));
    return board_->statistics().boots > 0;
  }

 private:
  std::unique_ptr<sim::SimulatedBoard> board_;
  std::unique_ptr<BoardLines> lines_;
};

template <class T>
class BoardLinesContract : public testing::Test {
 protected:
  T wiring_;
};

using Wirings = testing::Types<CommandWiring, FailingCommandWiring, NoWiring, HandWiring,
                               ModemWiring, SimulatedWiring>;
TYPED_TEST_SUITE(BoardLinesContract, Wirings);

TYPED_TEST(BoardLinesContract, HasANameForMessages) { EXPECT_NE(this->wiring_.Lines().Name(), ""); }

TYPED_TEST(BoardLinesContract, EveryModeAndPatienceWorksOrSaysWhyNot) {
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

TYPED_TEST(BoardLinesContract, BothLinesAreReleasedAfterwards) {
  for (const BoardMode mode : {BoardMode::kDownload, BoardMode::kRun, BoardMode::kRun}) {
    const auto reset = this->wiring_.Lines().Reset(mode, 0);
    EXPECT_EQ(reset.has_value(), this->wiring_.Expected() == ExitCode::kDone);
    EXPECT_TRUE(this->wiring_.Released());
  }
}

}  // namespace
}  // namespace lastgood
