// SPDX-License-Identifier: MIT
// Lines that remember how long a reset their board needs. A board whose reset pin has a large
// capacitor does not notice the short pulse: once a longer one brought it into its loader, nothing
// shorter brings it out again.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "device/board_lines.h"

namespace lastgood {

class PatientLines final : public BoardLines {
 public:
  explicit PatientLines(std::unique_ptr<BoardLines> lines) : lines_(std::move(lines)) {}

  Result<void> Reset(BoardMode mode, int patience) override {
    if (MovedBy() != LinesMover::kHost) return lines_->Reset(mode, patience);
    last_ = std::max(patience, learned_);
    return lines_->Reset(mode, last_);
  }
  LinesMover MovedBy() const override { return lines_->MovedBy(); }
  std::string Name() const override { return lines_->Name(); }
  void Watch(Watcher watcher) override { lines_->Watch(std::move(watcher)); }

  // The board was seen to have been reset by the last Reset().
  void Learn() { learned_ = last_; }

 private:
  std::unique_ptr<BoardLines> lines_;
  int last_ = 0;
  int learned_ = 0;
};

}  // namespace lastgood
