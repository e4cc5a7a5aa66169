// SPDX-License-Identifier: MIT
#include "device/serial_devices.h"

#include <algorithm>
#include <fstream>
#include <system_error>

namespace lastgood {
namespace fs = std::filesystem;

// `type` is the UART's model number in the kernel's serial core; 0 is "unknown", a slot without
// hardware. USB adapters have no such file.
bool HasHardware(std::string_view name, const fs::path& tty_class) {
  std::ifstream file(tty_class / name / "type");
  int type = 0;
  return !(file >> type) || type != 0;
}

bool IsSerialDevice(std::string_view name, const fs::path& tty_class) {
  std::error_code ignored;
  // Consoles and ptys have no device of the bus behind them.
  return fs::exists(tty_class / name / "device", ignored) && HasHardware(name, tty_class);
}

std::vector<std::string> ListSerialDevices(const fs::path& tty_class) {
  std::vector<std::string> devices;
  std::error_code error;
  fs::directory_iterator tty(tty_class, error);
  for (; !error && tty != fs::directory_iterator(); tty.increment(error)) {
    const std::string name = tty->path().filename().string();
    if (IsSerialDevice(name, tty_class)) devices.push_back("/dev/" + name);
  }
  std::sort(devices.begin(), devices.end());
  return devices;
}

std::size_t ChooseSerialDevice(std::span<const SerialCandidate> candidates) {
  constexpr std::string_view kDebugConnector = "/dev/ttyAMA10";
  std::size_t chosen = candidates.size();
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const SerialCandidate& candidate = candidates[i];
    if (!candidate.exists) continue;
    if (candidate.path != kDebugConnector || candidate.name == kDebugConnector) return i;
    chosen = std::min(chosen, i);
  }
  return chosen < candidates.size() ? chosen : 0;
}

}  // namespace lastgood
