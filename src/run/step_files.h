// SPDX-License-Identifier: MIT
// What a plan's steps unpack, in the shape of firmware: it is fetched and verified as that is, and
// before the first step.
#pragma once

#include <optional>

#include "manifest/manifest.h"
#include "plan/plan.h"

namespace lastgood {

// nullopt when no step needs a download.
std::optional<FirmwareSpec> StepFilesOf(const Plan& plan);

}  // namespace lastgood
