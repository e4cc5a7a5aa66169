// SPDX-License-Identifier: MIT
// From what a recipe says about a board's lines to the object that drives them.
#pragma once

#include <memory>

#include "base/result.h"
#include "device/attendant.h"
#include "device/board_lines.h"
#include "device/serial_port.h"
#include "host/clock.h"
#include "host/process_runner.h"

namespace lastgood {

// The arguments must outlive the lines. `attendant`: nullptr when nobody stands at the board.
// kBoard when the lines are not there or may not be used, kBusy when another program has them.
Result<std::unique_ptr<BoardLines>> OpenBoardLines(const LinesSpec& spec, SerialPort& serial_port,
                                                   ProcessRunner& runner, Clock& clock,
                                                   Attendant* attendant = nullptr);

}  // namespace lastgood
