// SPDX-License-Identifier: MIT
// What was observed of a start, in words.
#pragma once

#include <string>

#include "base/result.h"
#include "health/boot_observation.h"

namespace lastgood {

// "flash (GPIO15 low, GPIO0 high, GPIO2 high)"; for the ESP32 family as the ROM itself names it.
std::string DescribeStraps(const Result<BootObservation>& seen);

// "starts once, reset by its pin, csum matches"; "boot loop: 4 resets, last words …".
std::string DescribeBoot(const Result<BootObservation>& seen);

}  // namespace lastgood
