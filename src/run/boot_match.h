// SPDX-License-Identifier: MIT
// Whether what a board was heard starting is what was written to it.
#pragma once

#include "health/boot_comparison.h"
#include "health/health_verdict.h"
#include "plan/flash_plan.h"

namespace lastgood {

// kUnknown when the plan writes nothing that the boot ROM starts.
BootComparison CompareWithPlan(const HealthVerdict& verdict, const FlashPlan& plan);

// What was heard failing is not what was written: that says nothing about the firmware.
bool IsAnother(const BootComparison& comparison);

}  // namespace lastgood
