// SPDX-License-Identifier: MIT
// The kind `reboot`: the host has to start anew when a step before this one, in the order of the
// recipe, changed it since it was started (SetupHost::changed_since_boot). Of another root: nothing
// to do, it will start before it is used.
//
//   name    what messages call it, optional
//   expect  absolute paths that have to exist afterwards, optional, at most 16: "/dev/serial0"
#pragma once

#include <memory>

#include "setup/step.h"

namespace lastgood {

std::unique_ptr<Step> MakeRebootStep(const StepSpec& spec, toml::TableReader& fields,
                                     toml::Diagnostics& mistakes, SetupHost& host);

}  // namespace lastgood
