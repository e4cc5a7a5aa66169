// SPDX-License-Identifier: MIT
// The kind `module`: a kernel module is loaded now and at every start (docs/steps.md).
//
//   module    "i2c-dev"; '-' and '_' are alike
//   options   "param=1 other=2", one line for modprobe; none when absent
//
// Source of facts: /etc/modules and modules-load.d, modules.builtin and modules.dep of the kernels
// below /lib/modules, /sys/module of a host that runs.
#pragma once

#include <memory>

#include "setup/step.h"

namespace lastgood {

std::unique_ptr<Step> MakeModuleStep(const StepSpec& spec, toml::TableReader& fields,
                                     toml::Diagnostics& mistakes, SetupHost& host);

}  // namespace lastgood
