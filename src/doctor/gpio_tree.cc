// SPDX-License-Identifier: MIT
#include "doctor/gpio_tree.h"

#include <array>

#include "facts/host_facts.h"

namespace lastgood {
namespace {

constexpr int kDepthMax = 10;
constexpr std::size_t kNodesMax = 20000;

struct DriverRow {
  std::string_view compatible;
  std::string_view label;
};

// drivers/pinctrl/bcm/pinctrl-bcm2835.c and drivers/pinctrl/pinctrl-rp1.c
constexpr std::array kDrivers = {
    DriverRow{"brcm,bcm2835-gpio", "pinctrl-bcm2835"},
    DriverRow{"brcm,bcm2711-gpio", "pinctrl-bcm2711"},
    DriverRow{"raspberrypi,rp1-gpio", "pinctrl-rp1"},
};

// Properties with several strings: each ends in a NUL.
std::vector<std::string> ReadStrings(const HostFiles& files, const std::string& path) {
  std::string text = files.Read(path).text;
  if (text.empty()) return {};
  if (text.back() == '\0') text.pop_back();
  return SplitText(text, '\0');
}

std::string LabelOf(const HostFiles& files, const std::string& node, const std::string& name) {
  for (const std::string& compatible : ReadStrings(files, node + "/compatible"))
    for (const DriverRow& row : kDrivers)
      if (row.compatible == compatible) return std::string(row.label);
  return name;
}

void Walk(const HostFiles& files, const std::string& node, int depth, std::size_t& nodes,
          GpioChips& chips) {
  if (depth > kDepthMax) return;
  for (const std::string& name : files.List(node)) {
    const std::string path = node + "/" + name;
    if (++nodes > kNodesMax) return;
    if (files.LinkTarget(path) || !files.IsDirectory(path)) continue;
    if (files.Exists(path + "/gpio-controller")) {
      GpioChip chip{"", name, LabelOf(files, path, name), {}};
      for (std::string& line : ReadStrings(files, path + "/gpio-line-names"))
        chip.lines.push_back({std::move(line), "", false});
      chips.chips.push_back(std::move(chip));
    }
    Walk(files, path, depth + 1, nodes, chips);
  }
}

}  // namespace

GpioChips ReadGpioTree(const HostFiles& files) {
  GpioChips chips;
  std::size_t nodes = 0;
  Walk(files, "/proc/device-tree", 0, nodes, chips);
  return chips;
}

}  // namespace lastgood
