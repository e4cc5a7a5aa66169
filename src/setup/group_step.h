// SPDX-License-Identifier: MIT
// The kind `group`: a user is in a group (docs/steps.md).
//
//   group     "dialout"
//   user      a name, or "@invoker": the user on whose behalf lastgood runs
//   optional  whether a host may lack the group: nothing is done then; false when absent
//
// Source of facts: /etc/passwd and /etc/group of the host; for a user that is not there, and on
// this host only, getent(1). A user's primary group counts. Root needs no group.
#pragma once

#include <memory>

#include "setup/step.h"

namespace lastgood {

std::unique_ptr<Step> MakeGroupStep(const StepSpec& spec, toml::TableReader& fields,
                                    toml::Diagnostics& mistakes, SetupHost& host);

}  // namespace lastgood
