// SPDX-License-Identifier: MIT
// The serial devices of a host that the checks are about, and which UART is on a Pi's header.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "doctor/host_view.h"

namespace lastgood {

struct SerialDevice {
  std::string asked;  // as the recipe names it: "/dev/serial0"
  std::string path;   // free of links: "/dev/ttyS0"
  std::string name;   // "ttyS0"
  bool exists = false;
  bool is_local = true;      // false: rfc2217://, tcp://, sim:
  bool has_hardware = true;  // false: a slot in which the kernel found no UART

  bool IsUsb() const { return name.starts_with("ttyUSB") || name.starts_with("ttyACM"); }
  // One of the UARTs of a Raspberry Pi's own chips, by its name.
  bool IsOnBoard() const {
    return name.starts_with("ttyAMA") || name.starts_with("ttyS") || name.starts_with("serial");
  }
  // A pseudo terminal: whoever made it keeps it open on purpose, and no login prompt waits there.
  bool IsPty() const { return path.starts_with("/dev/pts/"); }
  // "/dev/serial0 (ttyS0)"
  std::string Title() const;
};

// The board's: the first one that exists, as a run takes it, or the first; nullopt without a board.
std::optional<SerialDevice> BoardDevice(const HostView& view);

// The board's device, or without a board every one with hardware behind it; of this host only.
std::vector<SerialDevice> ExaminedDevices(const HostView& view);

// Those that the kernel lists with hardware behind them, sorted.
std::vector<SerialDevice> PresentDevices(const HostView& view);

// The lasting names of a device: "/dev/serial/by-id/…", "/dev/serial0".
std::vector<std::string> OtherNames(const HostView& view, const SerialDevice& device);

// Whether a link such as /dev/serial0 or the device tree says so now: "ttyAMA0", "ttyS0"; empty
// when nothing does.
std::string HeaderUartNow(const HostView& view);

// What it will be after the next start by config.txt; empty when there is none.
std::string HeaderUartConfigured(const HostView& view);

// The overlays that take Bluetooth off the first UART, by all their names.
const std::vector<std::string_view>& BluetoothOverlays();

}  // namespace lastgood
