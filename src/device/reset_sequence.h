// SPDX-License-Identifier: MIT
// How a board is put into its ROM loader or into its firmware, as data: which lines are asserted,
// and for how long (protocol reference, section 11.2). The chip samples the boot line at the rising
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
// values above the last entry as the last. The last step of every sequence releases both lines.
std::span<const ResetStep> DownloadSequence(int patience);
std::span<const ResetStep> RunSequence(int patience);
// For the two-transistor circuit of development boards (section 11.1, "unix tight"): the pins
// follow only when exactly one line is asserted, so reset is released and boot asserted in one
// step.
std::span<const ResetStep> ModemDownloadSequence(int patience);
std::span<const ResetStep> SequenceFor(BoardMode mode, int patience);

using SetLines = std::function<Result<void>(bool reset_asserted, bool boot_asserted)>;

// Sets each step's levels and holds them. However it ends, both lines have been released or
// releasing them was tried: a board that is held in reset looks dead. Fails with the first error.
Result<void> PlaySequence(std::span<const ResetStep> sequence, Clock& clock, const SetLines& set);

}  // namespace lastgood
