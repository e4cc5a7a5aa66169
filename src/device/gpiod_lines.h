// SPDX-License-Identifier: MIT
// [board.lines] kind = "gpio": two GPIO lines of the host, through libgpiod 1.6 or 2.
#pragma once

#include <memory>

#include "device/board_lines.h"
#include "host/clock.h"

namespace lastgood {

// Finds both lines and makes them outputs, released: the board does not notice. When the object is
// destroyed they are inputs again, pulled as the specification says where the chip can. Of a
// process that is killed the kernel makes inputs of them, except that a Raspberry Pi's keeps the
// level that was driven last (pinctrl_bcm2835.persist_gpio_outputs). Fails with kBoard (no such
// line or chip, not permitted) or kBusy (naming the consumer). `clock` must outlive the lines;
// `sequence` is what lies between them and the chip's pins.
Result<std::unique_ptr<BoardLines>> OpenGpiodLines(const GpioLineSpec& reset,
                                                   const GpioLineSpec& boot, Clock& clock,
                                                   SequenceName sequence = SequenceName::kDirect);

}  // namespace lastgood
