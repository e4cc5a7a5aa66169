// SPDX-License-Identifier: MIT
// Which process holds a GPIO line. The kernel tells only what that process calls itself.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "device/gpio_chips.h"

namespace lastgood {

struct GpioHolder {
  pid_t pid = 0;
  // False: it has this chip or lines of some chip open, and nothing says which.
  bool is_certain = false;
};

// Another process than this one. Looks where we may look: without root, at this user's processes.
// `processes`: /proc, or what stands for it in a test.
std::optional<GpioHolder> FindGpioHolder(const GpioPlace& place,
                                         const std::string& processes = "/proc");

}  // namespace lastgood
