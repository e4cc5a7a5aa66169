// SPDX-License-Identifier: MIT
// The kind `boot-config`: settings of a Raspberry Pi's config.txt (docs/steps.md).
//
//   set     table of keys and their values as strings; `dtoverlay` and `dtparam` may be lists of
//   them.
//           Another value of a key is replaced, another overlay or parameter stays
//   section what the settings are for: "all" when absent, or a model as config.txt names it, "pi4"
//   remove  strings, each a key, "dtoverlay=NAME" or "dtparam=NAME"
//
// At least one of `set` and `remove`. The file is where the host's facts say: in /boot/firmware, or
// in /boot before Bookworm. Done is what the firmware would see.
#pragma once

#include <memory>

#include "setup/step.h"

namespace lastgood {

std::unique_ptr<Step> MakeBootConfigStep(const StepSpec& spec, toml::TableReader& fields,
                                         toml::Diagnostics& mistakes, SetupHost& host);

}  // namespace lastgood
