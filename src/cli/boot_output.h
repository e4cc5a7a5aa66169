// SPDX-License-Identifier: MIT
// A boot log for programs: what docs/bootlog.md calls its structure.
#pragma once

#include <vector>

#include "health/boot_log.h"
#include "json/json_object.h"

namespace lastgood {

// One object for each reset, and one in front where something was heard before the first of them.
// What was not said is null.
std::vector<JsonObject> JsonOf(const BootLog& log);

}  // namespace lastgood
