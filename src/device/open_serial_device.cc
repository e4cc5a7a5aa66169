// SPDX-License-Identifier: MIT
#include "device/open_serial_device.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "device/device_group.h"
#include "device/serial_devices.h"
#include "host/processes.h"

namespace lastgood {
namespace {

namespace fs = std::filesystem;

std::string HintForForbidden(const fs::path& path) {
  if (const std::string group = GroupThatMayUse(path); !group.empty()) return HintToJoin(group);
  // A login prompt on the line takes it away from group dialout.
  return fmt::format(
      "run it with sudo; if a login prompt owns the line: sudo systemctl disable --now "
      "serial-getty@{}",
      path.filename().string());
}

bool IsHeaderUart(const std::string& name) {
  constexpr std::array kNames = {"serial0", "ttyAMA0", "ttyS0"};
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

std::string HintForMissing(const fs::path& path) {
  const std::vector<std::string> present = ListSerialDevices();
  std::string hint = present.empty() ? "this host has no serial devices"
                                     : fmt::format("this host has {}", fmt::join(present, ", "));
  if (IsHeaderUart(path.filename().string()))
    hint += "; on a Raspberry Pi, set enable_uart=1 in config.txt and reboot";
  else
    hint += "; is the board plugged in?";
  return hint;
}

tl::unexpected<Error> FailOpen(const fs::path& path, int error) {
  std::string hint;
  if (error == EACCES || error == EPERM) hint = HintForForbidden(path);
  if (error == ENOENT || error == ENXIO || error == ENODEV || error == EIO)
    hint = HintForMissing(path);
  return Fail(ExitCode::kBoard,
              fmt::format("cannot open serial device '{}': {}", path.string(), ErrnoText(error)),
              hint);
}

tl::unexpected<Error> FailBusy(const fs::path& path, std::optional<pid_t> holder) {
  const std::string name = holder ? ProcessName(*holder) : "";
  std::string hint = "end that program first";
  if (!holder) hint = fmt::format("find it with: sudo fuser -v {}", path.string());
  if (name == "agetty" || name == "login")
    hint = fmt::format(
        "switch the login prompt on this line off: sudo systemctl disable --now serial-getty@{}",
        path.filename().string());
  if (name == "ModemManager")
    hint = "it probes new serial devices: wait half a minute, or sudo systemctl stop ModemManager";
  return Fail(ExitCode::kBusy,
              fmt::format("serial device '{}' is in use by {}", path.string(),
                          holder ? DescribeProcess(*holder) : "another program"),
              hint);
}

// UNIX 98 ptys: whoever made one keeps it open on purpose, and lives at its other end.
bool IsPty(int device) {
  struct stat status {};
  if (fstat(device, &status) != 0) return false;
  return major(status.st_rdev) >= 136 && major(status.st_rdev) <= 143;
}

}  // namespace

fs::path ResolveLinks(const fs::path& path) {
  constexpr int kLinksMax = 40;  // as the kernel's own limit
  fs::path end = path;
  std::error_code error;
  // By hand, since the library's functions stop at a link whose target is missing.
  for (int i = 0; i < kLinksMax && fs::is_symlink(end, error); ++i)
    end = end.parent_path() / fs::read_symlink(end, error);
  const fs::path resolved = fs::weakly_canonical(end, error);
  return error ? path : resolved;
}

Result<Descriptor> OpenSerialDevice(const fs::path& path) {
  // O_NONBLOCK: without it, open waits for a carrier where CLOCAL is off.
  Descriptor device(RetryOnInterrupt(
      [&] { return open(path.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC); }));
  if (!device && errno == EBUSY) return FailBusy(path, FindOpenElsewhere(path));
  if (!device) return FailOpen(path, errno);
  if (!HasHardware(path.filename().string())) return FailOpen(path, ENXIO);
  if (isatty(device.Get()) == 0 && errno != ENOTTY) return FailOpen(path, errno);
  if (isatty(device.Get()) == 0)
    return Fail(ExitCode::kBoard, fmt::format("'{}' is not a serial device", path.string()),
                HintForMissing(path));
  // Three ways to keep each other out, since programs use different ones. The flock is for those
  // that lock, TIOCEXCL for those that do not, and a look around for those that came earlier: two
  // readers on one line get half of the bytes each.
  if (flock(device.Get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
    return FailBusy(path, FindOpenElsewhere(path));
  if (!IsPty(device.Get()))
    if (const std::optional<pid_t> holder = FindOpenElsewhere(path)) return FailBusy(path, holder);
  if (ioctl(device.Get(), TIOCEXCL) != 0) return FailOpen(path, errno);
  return device;
}

}  // namespace lastgood
