// SPDX-License-Identifier: MIT
// Lines that record what was asked of them.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "device/board_lines.h"
#include "host/clock.h"

namespace lastgood::test {

class FakeBoardLines final : public BoardLines {
 public:
  explicit FakeBoardLines(Clock& clock) : clock_(clock) {}

  struct Request {
    BoardMode mode;
    int patience;
  };
  std::vector<Request> requests;
  LinesMover mover = LinesMover::kHost;
  std::optional<Error> failure;  // of every reset
  std::chrono::milliseconds reset_time{70};
  std::function<void(BoardMode, int patience)> on_reset;  // when the reset is over

  Result<void> Reset(BoardMode mode, int patience) override;
  LinesMover MovedBy() const override { return mover; }
  std::string Name() const override { return "GPIO17/GPIO27"; }

 private:
  Clock& clock_;
};

}  // namespace lastgood::test
