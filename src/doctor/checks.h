// SPDX-License-Identifier: MIT
// One function per group of checks; doctor.cc lists them in the order in which they are printed.
#pragma once

#include "doctor/finding.h"
#include "doctor/host_view.h"

namespace lastgood {

Findings CheckHost(const HostView& view);           // host, container
Findings CheckBootConfig(const HostView& view);     // boot-config
Findings CheckSerialDevices(const HostView& view);  // serial-device
Findings CheckUart(const HostView& view);           // uart-enabled, uart-kind
Findings CheckBluetooth(const HostView& view);      // bluetooth-service
Findings CheckConsole(const HostView& view);        // serial-console, serial-getty
Findings CheckSerialAccess(const HostView& view);   // serial-access
Findings CheckSerialHolder(const HostView& view);   // serial-holder
Findings CheckProbers(const HostView& view);        // usb-probers
Findings CheckBoardLines(const HostView& view);     // board-lines
Findings CheckGpioChips(const HostView& view);      // gpio-chips
Findings CheckGpioAccess(const HostView& view);     // gpio-access
Findings CheckGpioLines(const HostView& view);      // gpio-lines, gpio-holder
Findings CheckGpioOverlays(const HostView& view);   // gpio-overlays

}  // namespace lastgood
