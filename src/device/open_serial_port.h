// SPDX-License-Identifier: MIT
// From a serial device's name, as recipes and --serial say it, to the object that drives it.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "device/serial_port.h"
#include "host/clock.h"

namespace lastgood {

// "/dev/ttyUSB0", "tcp://HOST:TCP_PORT" or "rfc2217://HOST:TCP_PORT". `clock` must outlive the
// port, and be one that follows real time. kUsage when a name on the network is malformed; else
// errors as the implementations' Open.
Result<std::unique_ptr<SerialPort>> OpenSerialPort(const std::string& name, Clock& clock);

// Whether there is something to be opened: a path that exists. What is on the network is taken to
// be there until connecting shows otherwise.
bool SerialDeviceExists(const std::string& name);

}  // namespace lastgood
