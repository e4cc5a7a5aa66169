// SPDX-License-Identifier: MIT
// The kind `service`: whether systemd starts a unit (docs/steps.md).
//
//   unit      "hciuart.service"; with its suffix
//   state     "enabled", "disabled" or "masked"
//   running   true: it runs now; false: it does not; absent: as it is. On a host that runs; offline
//             it follows from the state at the next start. Not true with "masked"
//
// Source of facts: `systemctl is-enabled`, `systemctl is-active`, and the links below
// /etc/systemd/system. What a generator made at this start is not enablement: masking stops it.
#pragma once

#include <memory>

#include "setup/step.h"

namespace lastgood {

std::unique_ptr<Step> MakeServiceStep(const StepSpec& spec, toml::TableReader& fields,
                                      toml::Diagnostics& mistakes, SetupHost& host);

}  // namespace lastgood
