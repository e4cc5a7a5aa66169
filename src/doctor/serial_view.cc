// SPDX-License-Identifier: MIT
#include "doctor/serial_view.h"

#include <fmt/format.h>

#include <filesystem>

#include "device/serial_devices.h"

namespace lastgood {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kDev = "/dev/";
constexpr std::size_t kDevicesMax = 128;  // more than anybody plugs in

SerialDevice Describe(const HostView& view, const std::string& asked) {
  SerialDevice device;
  device.asked = asked;
  device.is_local = asked.starts_with('/');
  if (!device.is_local) return device;
  device.path = view.files.Resolve(asked).value_or(asked);
  device.name = fs::path(device.path).filename().string();
  device.exists = view.files.Exists(device.path);
  device.has_hardware = view.files.ReadWord("/sys/class/tty/" + device.name + "/type") != "0";
  return device;
}

// `type` 0 is a slot in which the kernel found no UART (device/serial_devices.h).
bool HasUart(const HostView& view, const std::string& name) {
  const std::string directory = "/sys/class/tty/" + name;
  return view.files.Exists(directory + "/device") &&
         view.files.ReadWord(directory + "/type") != "0";
}

std::string AliasOf(const HostView& view, const std::string& name) {
  return view.files.ReadWord("/proc/device-tree/aliases/" + name);
}

}  // namespace

std::string SerialDevice::Title() const {
  return path == asked || name.empty() ? asked : fmt::format("{} ({})", asked, name);
}

std::optional<SerialDevice> BoardDevice(const HostView& view) {
  if (!view.board) return std::nullopt;
  if (!view.board->serial_device.empty()) return Describe(view, view.board->serial_device);
  std::vector<SerialDevice> devices;
  std::vector<SerialCandidate> candidates;
  for (const std::string& name : view.board->board.serial) {
    const SerialDevice& device = devices.emplace_back(Describe(view, name));
    candidates.push_back(
        {name, device.is_local ? device.path : name, device.exists || !device.is_local});
  }
  if (devices.empty()) return std::nullopt;
  return devices[ChooseSerialDevice(candidates)];
}

std::vector<SerialDevice> PresentDevices(const HostView& view) {
  std::vector<SerialDevice> devices;
  for (const std::string& name : view.files.List("/sys/class/tty"))
    if (devices.size() < kDevicesMax && HasUart(view, name))
      devices.push_back(Describe(view, std::string(kDev) + name));
  return devices;
}

std::vector<SerialDevice> ExaminedDevices(const HostView& view) {
  const auto own = BoardDevice(view);
  if (!own) return PresentDevices(view);
  if (!own->is_local || !own->exists) return {};
  return {*own};
}

std::vector<std::string> OtherNames(const HostView& view, const SerialDevice& device) {
  std::vector<std::string> names;
  const std::string by_id = "/dev/serial/by-id";
  for (const std::string& name : view.files.List(by_id))
    if (view.files.Resolve(by_id + "/" + name) == device.path) names.push_back(by_id + "/" + name);
  for (const char* name : {"/dev/serial0", "/dev/serial1"})
    if (view.files.Exists(name) && view.files.Resolve(name) == device.path)
      names.emplace_back(name);
  return names;
}

const std::vector<std::string_view>& BluetoothOverlays() {
  static const std::vector<std::string_view> kNames = {"disable-bt", "miniuart-bt",
                                                       "pi3-disable-bt", "pi3-miniuart-bt"};
  return kNames;
}

std::string HeaderUartNow(const HostView& view) {
  switch (view.model.header) {
    case HeaderUart::kNone:
      return {};
    case HeaderUart::kPl011:
    case HeaderUart::kRp1:
      return "ttyAMA0";
    case HeaderUart::kBluetooth:
      break;
  }
  // udev makes the link from these aliases: raspberrypi-sys-mods, 99-com.rules.
  if (view.files.Exists("/dev/serial0"))
    return fs::path(view.files.Resolve("/dev/serial0").value_or("")).filename().string();
  const std::string primary = AliasOf(view, "serial0");
  if (!primary.empty() && primary == AliasOf(view, "uart0")) return "ttyAMA0";
  if (!primary.empty() && primary == AliasOf(view, "uart1")) return "ttyS0";
  return {};
}

std::string HeaderUartConfigured(const HostView& view) {
  if (view.model.header != HeaderUart::kBluetooth) return HeaderUartNow(view);
  if (view.boot.state != HostFiles::State::kFound) return {};
  return view.boot.Find(BluetoothOverlays()) != nullptr ? "ttyAMA0" : "ttyS0";
}

}  // namespace lastgood
