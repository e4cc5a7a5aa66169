// SPDX-License-Identifier: MIT
#include "device/open_serial_device.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
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

// `holder`: unknown where it is another user's, and may not be seen.
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

tl::unexpected<Error> FailOpenSerialDevice(const fs::path& path, int error) {
  std::string hint;
  switch (error) {
    case EBUSY:
      return FailBusy(path, FindOpenElsewhere(path));
    case ENOTTY:
      return Fail(ExitCode::kBoard, fmt::format("'{}' is not a serial device", path.string()),
                  HintForMissing(path));
    case EACCES:
    case EPERM:
      hint = HintForForbidden(path);
      break;
    case ENOENT:
    case ENXIO:
    case ENODEV:
    case EIO:
      hint = HintForMissing(path);
      break;
    default:
      break;
  }
  return Fail(ExitCode::kBoard,
              fmt::format("cannot open serial device '{}': {}", path.string(), ErrnoText(error)),
              hint);
}

Result<Descriptor> OpenSerialDevice(const fs::path& path) {
  // O_NONBLOCK: without it, open waits for a carrier where CLOCAL is off.
  Descriptor device(RetryOnInterrupt(
      [&] { return open(path.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC); }));
  if (!device) return FailOpenSerialDevice(path, errno);
  if (!HasHardware(path.filename().string()))
    return Fail(ExitCode::kBoard,
                fmt::format("serial device '{}' has no hardware behind it", path.string()),
                HintForMissing(path));
  return device;
}

}  // namespace lastgood
