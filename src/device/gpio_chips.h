// SPDX-License-Identifier: MIT
// The GPIO chips of a host as plain values, and which line a recipe means among them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "device/board_lines.h"

namespace lastgood {

struct GpioLine {
  std::string name;      // empty when the host gives it none
  std::string consumer;  // what its user calls itself; empty when it does not say
  bool used = false;
};

struct GpioChip {
  std::string path;             // of its device, without links: "/dev/gpiochip0"
  std::string name;             // the kernel's: "gpiochip0"; differs from boot to boot
  std::string label;            // the driver's: "pinctrl-bcm2835"; stays
  std::vector<GpioLine> lines;  // by offset
};

struct GpioChips {
  std::vector<GpioChip> chips;
  std::vector<std::string> forbidden;  // device paths of chips that we may not open
  // A group whose members may open one of `forbidden`; empty when there is none.
  std::string forbidden_group = {};
  // Device paths of chips whose lines this build's libgpiod cannot ask this kernel for.
  std::vector<std::string> unreadable = {};
};

// Where a line is.
struct GpioPlace {
  std::string path;  // of the chip's device
  std::string chip;  // its name
  std::uint32_t offset = 0;
};

// What this host has, in order of number. A chip with several device names (a link from
// /dev/gpiochip4 to /dev/gpiochip0, as on a Raspberry Pi 5) is one.
GpioChips ListGpioChips();

// The same, with the devices below another directory than /dev.
std::vector<std::string> GpioChipPaths(const std::string& directory);

// kBoard, saying what is wrong and what this host has instead, unless exactly one line is meant. A
// line that is in use is found as well.
Result<GpioPlace> FindGpioLine(const GpioChips& chips, const GpioLineSpec& spec);

// How messages call it: "GPIO17", "gpiochip0:17".
std::string DescribeGpioLine(const GpioLineSpec& spec);

// What lets a user open the chips that are forbidden.
std::string HintForForbiddenChips(const GpioChips& chips);

}  // namespace lastgood
