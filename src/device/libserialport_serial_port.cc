// SPDX-License-Identifier: MIT
// libserialport 0.1.1 finds and opens the device. What it leaves to its user, seen with strace: it
// locks nothing, its descriptor outlives exec, HUPCL stays on. And what its own calls would do to a
// board: sp_set_flowcontrol and sp_set_baudrate write DTR and RTS in two calls, which is a moment
// of reset; sp_drain has no limit; its reads do not tell a hang-up from silence. So the open device
// is handed to the stream that all terminals share.
#include "device/libserialport_serial_port.h"

#include <fcntl.h>
#include <libserialport.h>

#include <cerrno>

#include "device/open_serial_device.h"
#include "device/serial_devices.h"

namespace lastgood {
namespace {

namespace fs = std::filesystem;

// "ttyUSB0" of "/dev/ttyUSB0"; empty for a path elsewhere.
std::string NameInDev(const fs::path& path) {
  return path.parent_path() == "/dev" ? path.filename().string() : std::string();
}

}  // namespace

void LibserialportSerialPort::Close::operator()(sp_port* device) const {
  sp_close(device);
  sp_free_port(device);
}

bool LibserialportSerialPort::Accepts(const fs::path& path) {
  const std::string name = NameInDev(ResolveLinks(path));
  return !name.empty() && IsSerialDevice(name);
}

Result<std::unique_ptr<LibserialportSerialPort>> LibserialportSerialPort::Open(const fs::path& path,
                                                                               Clock& clock) {
  const fs::path device_path = ResolveLinks(path);
  sp_port* found = nullptr;
  if (sp_get_port_by_name(device_path.c_str(), &found) != SP_OK) return nullptr;
  Handle device(found);
  if (sp_open(found, SP_MODE_READ_WRITE) != SP_OK) {
    const int error = sp_last_error_code();
    if (error == ENOTTY || error == EINVAL) return nullptr;
    return FailOpenSerialDevice(device_path, error);
  }
  int descriptor = -1;
  sp_get_port_handle(found, &descriptor);
  fcntl(descriptor, F_SETFD, FD_CLOEXEC);
  TRY(TtyStream stream, TtyStream::Make(descriptor, device_path, clock));
  return std::unique_ptr<LibserialportSerialPort>(
      new LibserialportSerialPort(std::move(device), std::move(stream)));
}

}  // namespace lastgood
