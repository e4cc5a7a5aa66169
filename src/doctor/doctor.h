// SPDX-License-Identifier: MIT
// Looks a host over for what would keep a board from being reached. Changes nothing.
#pragma once

#include "doctor/finding.h"
#include "doctor/host_view.h"

namespace lastgood {

// Every check, in a fixed order. What could not be looked at is a finding, too.
Findings Examine(const HostView& view);

}  // namespace lastgood
