// SPDX-License-Identifier: MIT
// [board.lines] kind = "modem": the serial adapter's DTR drives the boot pin and its RTS the reset
// pin, through the two transistors that development boards have (protocol reference, section 11.1):
// with both outputs on, neither pin is driven.
#pragma once

#include "device/board_lines.h"
#include "device/modem_control.h"
#include "host/clock.h"

namespace lastgood {

class ModemLines final : public BoardLines {
 public:
  // `modem` and `clock` must outlive the lines. `name` is the serial device's.
  ModemLines(ModemControl& modem, std::string name, Clock& clock)
      : modem_(modem), name_(std::move(name)), clock_(clock) {}

  Result<void> Reset(BoardMode mode, int patience) override;
  std::string Name() const override { return "DTR/RTS of " + name_; }

 private:
  ModemControl& modem_;
  std::string name_;
  Clock& clock_;
};

}  // namespace lastgood
