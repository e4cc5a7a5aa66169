// SPDX-License-Identifier: MIT
// The kind `apt`: Debian packages are installed (docs/steps.md).
//
//   packages    names, or "name=version"; `apt` in a manifest's `dependencies`
//   update      whether apt fetches its lists of packages first; when absent: only when they are
//               older than a day, or know no such package. When all is installed: never
//   recommends  whether recommended packages are installed as well; false when absent
//   lock_wait_s seconds to wait for another program that uses apt, 0 to 3600; 120 when absent
//   timeout_s   seconds that each program may take beyond that, 1 to 7200; 1200 when absent
//
// Source of facts: dpkg's database; apt-get's own simulation.
#pragma once

#include <memory>

#include "setup/step.h"

namespace lastgood {

std::unique_ptr<Step> MakeAptStep(const StepSpec& spec, toml::TableReader& fields,
                                  toml::Diagnostics& mistakes, SetupHost& host);

}  // namespace lastgood
