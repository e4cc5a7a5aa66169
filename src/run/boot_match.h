// SPDX-License-Identifier: MIT
// Whether what a board was heard starting is what was written to it.
#pragma once

#include "health/boot_comparison.h"
#include "health/health_verdict.h"
#include "manifest/manifest.h"
#include "plan/flash_plan.h"

namespace lastgood {

// kUnknown when the plan writes nothing that the boot ROM starts.
BootComparison CompareWithPlan(const HealthVerdict& verdict, const FlashPlan& plan);

// A boot log that ends well proves nothing when it is another image's: of kind boot-log, such a
// verdict becomes other-firmware. Both sums must say so: one lost octet is no other image, and the
// ESP32 family tells no sums. A console has told its version, and stays as it is.
HealthVerdict HoldAgainstPlan(HealthVerdict verdict, HealthKind kind, const FlashPlan& plan);

// What was heard failing is not what was written: that says nothing about the firmware.
bool IsAnother(const BootComparison& comparison);

}  // namespace lastgood
