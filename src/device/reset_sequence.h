// SPDX-License-Identifier: MIT
// How a board is put into its ROM loader or into its firmware, as data: which lines are asserted,
// and for how long (protocol reference, section 11). The chip samples the boot line at the rising
// edge of reset, so the order matters and the holds only have to be long enough.
#pragma once

#include <chrono>
#include <functional>
#include <span>

#include "base/result.h"
#include "device/board_lines.h"
#include "host/clock.h"

namespace lastgood {

struct ResetStep {
  bool reset_asserted = false;
  bool boot_asserted = false;
  std::chrono::milliseconds hold{0};  // how long the levels stay before the next step
};

// `patience` as in BoardLines::Reset: the higher, the longer the holds; values below 0 count as 0,
// values above the last row as the last. The last step of every sequence releases both lines.
//
// Two transistors: boot is asserted in the step in which reset is released, so both have to be set
// at the same moment, and that is why esptool's "classic" is not here beside its "tight": set
// together, they are one. What the reset pin's capacitor gives to lines that are set one after the
// other (RFC 2217) is a millisecond.
//
// USB-Serial-JTAG: from boot alone to reset alone through both, as the unit wants it. The unit
// stays on the bus across this reset; should the serial device vanish all the same, it is the end
// of the run, and the next one finds the board again.
std::span<const ResetStep> SequenceFor(BoardMode mode, int patience,
                                       SequenceName name = SequenceName::kDirect);

using SetLines = std::function<Result<void>(bool reset_asserted, bool boot_asserted)>;

// Sets each step's levels and holds them. However it ends, both lines have been released or
// releasing them was tried: a board that is held in reset looks dead. Fails with the first error.
Result<void> PlaySequence(std::span<const ResetStep> sequence, Clock& clock, const SetLines& set);

}  // namespace lastgood
