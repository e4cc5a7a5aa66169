// SPDX-License-Identifier: MIT
// Lines that remember how much patience the board needed: one whose reset line is slow must be
// started as slowly as it was put into its loader.
#pragma once

#include <algorithm>
#include <memory>
#include <utility>

#include "device/board_lines.h"

namespace lastgood {

class PatientLines final : public BoardLines {
 public:
  explicit PatientLines(std::unique_ptr<BoardLines> lines) : lines_(std::move(lines)) {}

  // Whoever looks for a loader asks with growing patience until one answers, so the last that was
  // asked for is what the board needs.
  Result<void> Reset(BoardMode mode, int patience) override {
    if (mode == BoardMode::kDownload) needed_ = patience;
    return lines_->Reset(mode, std::max(patience, mode == BoardMode::kRun ? needed_ : 0));
  }
  LinesMover MovedBy() const override { return lines_->MovedBy(); }
  std::string Name() const override { return lines_->Name(); }

 private:
  std::unique_ptr<BoardLines> lines_;
  int needed_ = 0;
};

}  // namespace lastgood
