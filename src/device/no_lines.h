// SPDX-License-Identifier: MIT
// [board.lines] kind = "none": nothing is wired, a person presses the buttons.
#pragma once

#include "device/board_lines.h"

namespace lastgood {

class NoLines final : public BoardLines {
 public:
  // Always kRefused; the hint says which buttons to press.
  Result<void> Reset(BoardMode mode, int patience) override;
  std::string Name() const override { return "no lines"; }
};

}  // namespace lastgood
