// SPDX-License-Identifier: MIT
#include "device/serial_device_claim.h"

#include <fmt/format.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cerrno>
#include <optional>

#include "device/open_serial_device.h"
#include "host/processes.h"

namespace lastgood {
namespace {

// UNIX 98 ptys: whoever made one keeps it open on purpose, and lives at its other end.
bool IsPty(int device) {
  struct stat status {};
  if (fstat(device, &status) != 0) return false;
  return major(status.st_rdev) >= 136 && major(status.st_rdev) <= 143;
}

}  // namespace

Result<SerialDeviceClaim> SerialDeviceClaim::Make(int device, const std::filesystem::path& path) {
  if (isatty(device) == 0) return FailOpenSerialDevice(path, errno);
  if (flock(device, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
    return FailOpenSerialDevice(path, EBUSY);
  SerialDeviceClaim claim(device);
  if (!IsPty(device) && FindOpenElsewhere(path)) return FailOpenSerialDevice(path, EBUSY);
  if (ioctl(device, TIOCEXCL) != 0) return FailOpenSerialDevice(path, errno);
  return claim;
}

SerialDeviceClaim::~SerialDeviceClaim() {
  if (device_ < 0) return;
  ioctl(device_, TIOCNXCL);
  flock(device_, LOCK_UN);
}

}  // namespace lastgood
