// SPDX-License-Identifier: MIT
// The GPIO chips that a device tree describes: what is there when no chip may be opened, or when it
// is not the running host that is looked at.
#pragma once

#include "device/gpio_chips.h"
#include "facts/host_files.h"

namespace lastgood {

// Labels as the kernel's drivers give them to the Pi's chips, else the node's name. No line is
// known to be used.
GpioChips ReadGpioTree(const HostFiles& files);

}  // namespace lastgood
