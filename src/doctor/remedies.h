// SPDX-License-Identifier: MIT
// The commands and lines that mend a host, as its model and release need them.
#pragma once

#include <string>
#include <string_view>

#include "doctor/host_view.h"

namespace lastgood {

// "add 'dtoverlay=disable-bt' under [all] at the end of /boot/firmware/config.txt, then: sudo
// reboot"
std::string AddToConfig(const HostView& view, std::string_view lines);

// Switches the header's UART on. raspi-config nonint do_serial_hw, or do_serial before Bookworm.
std::string SwitchUartOn(const HostView& view);

// Takes the kernel's console, and with it the login prompt, off a device. `word` is what makes it
// one in the command line: "console=serial0,115200".
std::string TakeConsoleOff(const HostView& view, std::string_view word);

constexpr std::string_view kReboot = "sudo reboot";

}  // namespace lastgood
