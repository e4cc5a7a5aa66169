// SPDX-License-Identifier: MIT
// Who else has the device open, or will grab it when it is plugged in.
#include <fmt/format.h>

#include <array>

#include "doctor/checks.h"
#include "doctor/serial_view.h"
#include "doctor/units.h"

namespace lastgood {
namespace {

constexpr const char* kHolder = "serial-holder";
constexpr const char* kProbers = "usb-probers";

std::string RemedyFor(const DeviceHolder& holder, const SerialDevice& device) {
  if (holder.name == "agetty" || holder.name == "login")
    return fmt::format("sudo systemctl disable --now serial-getty@{}", device.name);
  if (holder.name == "ModemManager")
    return "wait half a minute, or: sudo systemctl disable --now ModemManager";
  if (holder.name == "brltty") return "sudo apt remove brltty";
  if (holder.name == "hciattach" || holder.name == "btattach")
    return "sudo systemctl disable --now hciuart";
  return fmt::format("end that program: kill {}", holder.pid);
}

bool HasBrltty(const HostView& view) {
  constexpr std::array kPrograms = {"/usr/bin/brltty", "/bin/brltty", "/sbin/brltty"};
  for (const char* program : kPrograms)
    if (view.files.Exists(program)) return true;
  return false;
}

// An adapter that brltty took is gone from /dev, so that its absence counts as well.
bool ConcernsUsb(const HostView& view) {
  if (const auto device = BoardDevice(view))
    return device->is_local && (device->IsUsb() || device->path.starts_with("/dev/serial/"));
  for (const SerialDevice& device : PresentDevices(view))
    if (device.IsUsb()) return true;
  return false;
}

}  // namespace

Findings CheckSerialHolder(const HostView& view) {
  if (!view.find_holder) return {};
  Findings findings;
  for (const SerialDevice& device : ExaminedDevices(view)) {
    if (device.IsPty()) continue;
    const auto holder = view.find_holder(device.path);
    if (holder) {
      findings.push_back(
          {kHolder,
           view.Trouble(),
           fmt::format("{} is in use by process {}{}", device.path, holder->pid,
                       holder->name.empty() ? "" : fmt::format(" ({})", holder->name)),
           RemedyFor(*holder, device),
           {}});
    } else if (!view.user.IsRoot()) {
      findings.push_back(
          {kHolder,
           FindingVerdict::kUnknown,
           fmt::format("no program of this user has {} open; those of others are seen "
                       "by root only",
                       device.path),
           fmt::format("sudo fuser -v {}", device.path),
           {}});
    } else {
      findings.push_back({kHolder,
                          FindingVerdict::kOk,
                          fmt::format("no program has {} open", device.path),
                          "",
                          {}});
    }
  }
  return findings;
}

Findings CheckProbers(const HostView& view) {
  if (!ConcernsUsb(view)) return {};
  Findings findings;
  if (HasBrltty(view))
    findings.push_back(
        {kProbers,
         FindingVerdict::kNote,
         "brltty takes USB adapters with a CH340 or CP210x for braille displays: they "
         "vanish right after they were plugged in",
         "sudo apt remove brltty, then plug the adapter in again",
         {}});
  if (!EnablingLink(view.files, "multi-user.target", "ModemManager.service").empty())
    findings.push_back(
        {kProbers,
         FindingVerdict::kNote,
         "ModemManager asks every new serial device whether it is a modem, for half a "
         "minute after it was plugged in",
         "sudo systemctl disable --now ModemManager, if there is no modem",
         {}});
  if (findings.empty())
    findings.push_back({kProbers,
                        FindingVerdict::kOk,
                        "neither ModemManager nor brltty wants USB adapters",
                        "",
                        {}});
  return findings;
}

}  // namespace lastgood
