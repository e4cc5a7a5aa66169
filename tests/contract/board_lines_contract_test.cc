// SPDX-License-Identifier: MIT
// The BoardLines that need no hardware. GPIO lines are in tests/contract_gpio: they need a GPIO
// chip.
#include "contract/board_lines_contract.h"

#include <gtest/gtest.h>

#include <memory>

#include "capture/recording_wires.h"
#include "device/command_lines.h"
#include "device/modem_lines.h"
#include "device/no_lines.h"
#include "sim/simulated_board.h"
#include "support/fake_attendant.h"
#include "support/fake_process_runner.h"
#include "support/silent_port.h"

namespace lastgood::test {
namespace {

using std::chrono::milliseconds;

class CommandWiring : public Wiring {
 public:
  explicit CommandWiring(int exit_status = 0) {
    runner_.Script({"relay", "boot"}, exit_status);
    runner_.Script({"relay", "run"}, exit_status);
  }
  BoardLines& Lines() override { return lines_; }

 private:
  FakeProcessRunner runner_;
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
  FakeAttendant attendant_;
  NoLines lines_{&attendant_, "/dev/ttyUSB0"};
};

class ModemWiring : public Wiring {
 public:
  BoardLines& Lines() override { return lines_; }
  bool SetsLevels() const override { return true; }
  bool Released() override { return port_.levels.back() == std::make_pair(false, false); }

 protected:
  ModemPort port_;
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
  bool SetsLevels() const override { return true; }
  // A chip that is held in reset does not boot.
  bool Released() override {
    clock_.SleepFor(milliseconds(500));
    return board_->statistics().boots > 0;
  }

 private:
  std::unique_ptr<sim::SimulatedBoard> board_;
  std::unique_ptr<BoardLines> lines_;
};

class NoLog final : public WireLog {
 public:
  void Add(WireEvent) override {}
};

class RecordedWiring final : public Wiring {
 public:
  BoardLines& Lines() override { return *lines_; }
  bool SetsLevels() const override { return true; }
  bool Released() override { return port_.levels.back() == std::make_pair(false, false); }

 private:
  ModemPort port_;
  NoLog log_;
  std::unique_ptr<BoardLines> lines_ =
      RecordLines(std::make_unique<ModemLines>(port_, "/dev/ttyUSB0", clock_),
                  std::make_shared<WireRecorder>(log_, clock_));
};

using Wirings = testing::Types<CommandWiring, FailingCommandWiring, NoWiring, HandWiring,
                               ModemWiring, SimulatedWiring, RecordedWiring>;
INSTANTIATE_TYPED_TEST_SUITE_P(BoardLinesContract, BoardLinesContract, Wirings);

}  // namespace
}  // namespace lastgood::test
