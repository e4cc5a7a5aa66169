// SPDX-License-Identifier: MIT
// The GPIO chips of a host as values.
#pragma once

#include <string>
#include <vector>

namespace lastgood {

struct GpioLine {
  std::string name;
  std::string consumer;
  bool used = false;
};

struct GpioChip {
  std::string path;             // "/dev/gpiochip0"; empty when only the device tree is known
  std::string name;             // "gpiochip0"
  std::string label;            // "pinctrl-bcm2711"
  std::vector<GpioLine> lines;  // index = offset
};

struct GpioChips {
  std::vector<GpioChip> chips;
  std::vector<std::string> forbidden;  // paths of chips that this user may not open
};

}  // namespace lastgood
