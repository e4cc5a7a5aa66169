// SPDX-License-Identifier: MIT
#include "device/termios_serial_port.h"

#include "device/open_serial_device.h"

namespace lastgood {

Result<std::unique_ptr<TermiosSerialPort>> TermiosSerialPort::Open(
    const std::filesystem::path& path, Clock& clock) {
  const std::filesystem::path device_path = ResolveLinks(path);
  TRY(Descriptor device, OpenSerialDevice(device_path));
  TRY(TtyStream stream, TtyStream::Make(device.Get(), device_path, clock));
  return std::unique_ptr<TermiosSerialPort>(
      new TermiosSerialPort(std::move(device), std::move(stream)));
}

}  // namespace lastgood
