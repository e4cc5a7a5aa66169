// SPDX-License-Identifier: MIT
// The kind `udev-rule`: a file in /etc/udev/rules.d (docs/steps.md).
//
//   rule_name  "60-lastgood-phat": the file's name without ".rules"
//   rules      its lines, at most 64, each checked as far as setup/udev_rule_text.h goes
//
// On a host that runs, udev reads its rules anew, and looks again at the devices of the subsystems
// that the rules name.
#pragma once

#include <memory>

#include "setup/step.h"

namespace lastgood {

std::unique_ptr<Step> MakeUdevRuleStep(const StepSpec& spec, toml::TableReader& fields,
                                       toml::Diagnostics& mistakes, SetupHost& host);

}  // namespace lastgood
