// SPDX-License-Identifier: MIT
// One line of a boot log: does it name a fault?
#pragma once

#include <string_view>

#include "health/boot_fault.h"

namespace lastgood {

// How much a line tells, against the others of the same start.
enum class FaultWeight {
  kPlain,    // the last of these names the fault
  kWeak,     // says that it ended, not why: tells when nothing better does
  kPending,  // may yet go well: counts when a weak line follows, or the start ends here
};

struct FaultLine {
  BootFault fault = BootFault::kNone;
  FaultWeight weight = FaultWeight::kPlain;
};

// `squashed` as of Squash. Prose that has "error", "exception" or "reset" in it is none.
FaultLine ReadFaultLine(std::string_view squashed);

}  // namespace lastgood
