// SPDX-License-Identifier: MIT
// Which serial devices there are, and whether the board's is among them.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "doctor/checks.h"
#include "doctor/serial_view.h"

namespace lastgood {
namespace {

constexpr const char* kCheck = "serial-device";

std::vector<std::string> Listed(const HostView& view) {
  std::vector<std::string> lines;
  for (const SerialDevice& device : PresentDevices(view)) {
    const std::vector<std::string> names = OtherNames(view, device);
    lines.push_back(names.empty() ? device.path
                                  : fmt::format("{} = {}", device.path, fmt::join(names, " = ")));
  }
  return lines;
}

Finding WithoutBoard(const HostView& view) {
  const std::vector<std::string> listed = Listed(view);
  if (!view.files.IsDirectory("/sys/class/tty"))
    return {kCheck,
            FindingVerdict::kUnknown,
            "the kernel's list /sys/class/tty cannot be read",
            "",
            {}};
  if (listed.empty())
    return {kCheck,
            FindingVerdict::kNote,
            "this host has no serial devices",
            view.model.IsPi() ? "plug the board in; for the header's UART see uart-enabled"
                              : "plug the board in",
            {}};
  return {kCheck, FindingVerdict::kOk, fmt::format("{}", fmt::join(listed, ", ")), "", {}};
}

Finding Missing(const HostView& view, const SerialDevice& device) {
  if (!view.files.IsDirectory("/dev") || view.files.List("/dev").empty())
    return {kCheck,
            FindingVerdict::kUnknown,
            fmt::format("whether {} exists cannot be seen: there is no /dev", device.asked),
            "",
            {}};
  const std::vector<std::string> listed = Listed(view);
  const std::string there = listed.empty()
                                ? "this host has no serial devices"
                                : fmt::format("this host has {}", fmt::join(listed, ", "));
  std::string remedy = "plug the board in, with a cable that carries data";
  if (device.IsOnBoard() && view.model.IsPi()) remedy = "switch the UART on, see uart-enabled";
  if (device.IsOnBoard() && !view.model.IsPi() && !view.model.text.empty())
    remedy = "this board is for a Raspberry Pi's header: use one";
  if (!listed.empty()) remedy += ", or name another device: --serial DEVICE";
  std::string text = fmt::format("{} does not exist; {}", device.Title(), there);
  const auto& names = view.board->board.serial;
  if (view.board->serial_device.empty() && names.size() > 1)
    text = fmt::format("none of {} exists; {}", fmt::join(names, ", "), there);
  return {kCheck, FindingVerdict::kProblem, text, remedy, {}};
}

}  // namespace

Findings CheckSerialDevices(const HostView& view) {
  const auto device = BoardDevice(view);
  if (!device) return {WithoutBoard(view)};
  if (!device->is_local)
    return {{kCheck,
             FindingVerdict::kOk,
             fmt::format("{} is not a device of this host: nothing to look at here", device->asked),
             "",
             {}}};
  if (!device->exists) return {Missing(view, *device)};
  if (!device->has_hardware)
    return {{kCheck,
             FindingVerdict::kProblem,
             fmt::format("{} has no UART behind it", device->Title()),
             "name the device that the board is on: --serial DEVICE; lastgood doctor lists them",
             {}}};
  const std::vector<std::string> names = OtherNames(view, *device);
  std::vector<std::string> evidence;
  if (!names.empty()) evidence.push_back(fmt::format("also {}", fmt::join(names, ", ")));
  if (!device->IsUsb() || device->asked.starts_with("/dev/serial/") || names.empty())
    return {{kCheck, FindingVerdict::kOk, fmt::format("{} exists", device->Title()), "", evidence}};
  // The kernel numbers adapters as they come; the name by id stays.
  return {{kCheck, FindingVerdict::kOk,
           fmt::format("{} exists; {} is the same and stays when others are plugged in",
                       device->Title(), names.front()),
           "", evidence}};
}

}  // namespace lastgood
