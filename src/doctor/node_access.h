// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "doctor/finding.h"
#include "doctor/host_view.h"

namespace lastgood {

// Whether the user may read and write the device node `path`, by its owner, group and mode.
Finding AccessTo(const HostView& view, const std::string& check, const std::string& path);

}  // namespace lastgood
