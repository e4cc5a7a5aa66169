// SPDX-License-Identifier: MIT
// Which serial devices this host has, for the hint when the one that was asked for is not there.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lastgood {

// Where the kernel lists terminals of every kind.
inline constexpr std::string_view kTtyClass = "/sys/class/tty";

// False for "ttyS1" when no UART was found where the kernel looked for it: the node is there all
// the same, and answers every read with an error. True for what the kernel says nothing about.
bool HasHardware(std::string_view name, const std::filesystem::path& tty_class = kTtyClass);

// Whether the kernel knows a device of a bus, and hardware, behind this terminal: so not for a pty
// or a virtual console.
bool IsSerialDevice(std::string_view name, const std::filesystem::path& tty_class = kTtyClass);

// One of a recipe's serial devices, as a host has it.
struct SerialCandidate {
  std::string name;  // as the recipe says it
  std::string path;  // what that leads to, free of links; the same for what is no path
  bool exists = false;
};
// Which one a recipe means: the first that exists. A Raspberry Pi 5's debug connector, to which its
// /dev/serial0 leads unless it is told otherwise, has no board: it is only taken when nothing else
// exists, or by its own name. The first when none exists. `candidates` must not be empty.
std::size_t ChooseSerialDevice(std::span<const SerialCandidate> candidates);

// "/dev/ttyAMA0", "/dev/ttyUSB0" …, sorted: those with hardware behind them.
std::vector<std::string> ListSerialDevices(const std::filesystem::path& tty_class = kTtyClass);

}  // namespace lastgood
