// SPDX-License-Identifier: MIT
// [board.lines] kind = "none": nothing is wired, a person presses the buttons.
#pragma once

#include <string>
#include <utility>

#include "device/attendant.h"
#include "device/board_lines.h"

namespace lastgood {

class NoLines final : public BoardLines {
 public:
  // `attendant`: nullptr when nobody is there; else it must outlive the lines. `device` says which
  // board is meant.
  NoLines(Attendant* attendant, std::string device)
      : attendant_(attendant), device_(std::move(device)) {}

  // Asks the person; a `patience` above 0 means that it has been tried before. kRefused when nobody
  // is there, or nobody answered, now or before: the hint says which buttons to press.
  Result<void> Reset(BoardMode mode, int patience) override;
  LinesMover MovedBy() const override {
    return attendant_ != nullptr ? LinesMover::kPerson : LinesMover::kNobody;
  }
  std::string Name() const override {
    return attendant_ != nullptr ? "buttons pressed by hand" : "no lines";
  }

 private:
  Attendant* attendant_;
  std::string device_;
};

}  // namespace lastgood
