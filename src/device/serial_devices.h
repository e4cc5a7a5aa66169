// SPDX-License-Identifier: MIT
// Which serial devices this host has, for the hint when the one that was asked for is not there.
#pragma once

#include <filesystem>
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

// "/dev/ttyAMA0", "/dev/ttyUSB0" …, sorted: those with hardware behind them.
std::vector<std::string> ListSerialDevices(const std::filesystem::path& tty_class = kTtyClass);

}  // namespace lastgood
