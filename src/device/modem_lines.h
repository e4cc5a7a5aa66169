// SPDX-License-Identifier: MIT
// [board.lines] kind = "modem": the serial adapter's DTR drives the boot pin and its RTS the reset
// pin, on development boards through two transistors (protocol reference, section 11.1).
#pragma once

#include "device/board_lines.h"
#include "device/modem_control.h"
#include "host/clock.h"

namespace lastgood {

class ModemLines final : public BoardLines {
 public:
  // `modem` and `clock` must outlive the lines. `name` is the serial device's.
  ModemLines(ModemControl& modem, std::string name, Clock& clock,
             SequenceName sequence = SequenceName::kTwoTransistor)
      : modem_(modem), name_(std::move(name)), clock_(clock), sequence_(sequence) {}

  Result<void> Reset(BoardMode mode, int patience) override;
  std::string Name() const override { return "DTR/RTS of " + name_; }

 private:
  ModemControl& modem_;
  std::string name_;
  Clock& clock_;
  SequenceName sequence_;
};

}  // namespace lastgood
