// SPDX-License-Identifier: MIT
#include "device/open_serial_port.h"

#include <filesystem>

#include "device/libserialport_serial_port.h"
#include "device/network_serial_name.h"
#include "device/rfc2217_serial_port.h"
#include "device/tcp_serial_port.h"
#include "device/termios_serial_port.h"

namespace lastgood {
namespace {

Result<std::unique_ptr<SerialPort>> OpenDevice(const std::string& path, Clock& clock) {
  if (LibserialportSerialPort::Accepts(path)) {
    TRY(std::unique_ptr<SerialPort> opened, LibserialportSerialPort::Open(path, clock));
    if (opened != nullptr) return opened;
  }
  return TermiosSerialPort::Open(path, clock);
}

}  // namespace

Result<std::unique_ptr<SerialPort>> OpenSerialPort(const std::string& name, Clock& clock) {
  if (!IsNetworkSerial(name)) return OpenDevice(name, clock);
  TRY(const NetworkSerialName address, ParseNetworkSerialName(name));
  if (address.scheme == NetworkScheme::kTcp) return TcpSerialPort::Open(name, address, clock);
  return Rfc2217SerialPort::Open(name, address, clock);
}

bool SerialDeviceExists(const std::string& name) {
  std::error_code error;
  return IsNetworkSerial(name) || std::filesystem::exists(name, error);
}

}  // namespace lastgood
