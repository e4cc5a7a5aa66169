// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "host/clock.h"

namespace lastgood {

std::string TimestampUtc(WallTime time);         // "2026-11-01T00:00:00.000Z"
std::string TimestampUtcSeconds(WallTime time);  // "2026-11-01T00:00:00Z"
std::string TimestampLocal(WallTime time);       // "2026-11-01 01:00:00", in the host's time zone

}  // namespace lastgood
