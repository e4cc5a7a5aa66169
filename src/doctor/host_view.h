// SPDX-License-Identifier: MIT
// What the checks look at: a host's files under a root directory, the board that it is asked about,
// and functions for what only a running host knows. Every check is a pure function of it.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "device/gpio_chips.h"
#include "doctor/finding.h"
#include "facts/boot_config.h"
#include "facts/host_facts.h"
#include "facts/host_files.h"
#include "recipe/recipe.h"

namespace lastgood {

// Who may use a device node.
struct NodeStatus {
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::uint32_t mode = 0;      // the permission bits
  std::optional<bool> usable;  // what the kernel says, access lists included
};

struct DeviceHolder {
  pid_t pid = 0;
  std::string name;        // "agetty"; empty when it is gone
  bool is_certain = true;  // false: it has lines of that chip, perhaps others
};

struct BoardQuestion {
  std::string name;  // of the recipe
  BoardSpec board;
  std::string serial_device;  // instead of the recipe's
};

struct HostView {
  HostFiles files;
  std::optional<BoardQuestion> board;  // nullopt: the host in general

  HostModel model = {};
  HostRelease release = {};
  HostUser user = {};
  BootConfig boot = {};

  std::function<std::optional<NodeStatus>(const std::string& path)> node_status = {};
  // Null when no running host is looked at. `path` is free of links.
  std::function<std::optional<DeviceHolder>(const std::string& path)> find_holder = {};
  std::function<std::optional<DeviceHolder>(const GpioPlace& place)> find_gpio_holder = {};
  std::function<GpioChips()> list_gpio_chips = {};  // null: what the device tree says

  // What trouble with a device means: a problem of the board that was asked about; without one
  // nobody knows whether the device is needed.
  FindingVerdict Trouble() const {
    return board ? FindingVerdict::kProblem : FindingVerdict::kNote;
  }
  // A simulated board brings its own lines.
  bool WantsGpio() const {
    return board && board->board.lines.kind == LinesKind::kGpio &&
           !(board->serial_device.empty() ? board->board.serial.front() : board->serial_device)
                .starts_with("sim:");
  }
};

// Reads the facts under `root` and sets the functions: the kernel is asked when `root` is "/".
// Device nodes do not survive in a copy of a host: there, <root>/dev/.nodes says who may use them,
// in lines of NAME MODE OWNER GROUP ("ttyAMA0 0660 root dialout").
HostView MakeHostView(const std::filesystem::path& root, std::optional<BoardQuestion> board);

}  // namespace lastgood
