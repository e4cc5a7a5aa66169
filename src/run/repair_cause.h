// SPDX-License-Identifier: MIT
// Which failed boots a repair may mend.
#pragma once

#include <optional>

#include "health/health_verdict.h"
#include "plan/parameter_plan.h"

namespace lastgood {

std::optional<RepairCause> RepairFor(const HealthVerdict& verdict);

}  // namespace lastgood
