// SPDX-License-Identifier: MIT
// Whether the UART of a Pi's header is on, and whether the board's device is that UART at all. A
// pHAT is deaf on any other.
#include <fmt/format.h>

#include "doctor/checks.h"
#include "doctor/remedies.h"
#include "doctor/serial_view.h"
#include "doctor/units.h"

namespace lastgood {
namespace {

constexpr const char* kEnabled = "uart-enabled";
constexpr const char* kKind = "uart-kind";

// "okay" or "disabled" as the device tree has it; empty when it does not say.
std::string NodeStatusOf(const HostView& view, const std::string& alias) {
  const std::string node = view.files.ReadWord("/proc/device-tree/aliases/" + alias);
  return node.empty() ? node : view.files.ReadWord("/proc/device-tree" + node + "/status");
}

// The setting that decides, as it stands in config.txt; nullptr when nothing does.
const BootValue* EnablingValue(const HostView& view) {
  const bool rp1 = view.model.header == HeaderUart::kRp1;
  const auto& values = rp1 ? view.boot.parameters : view.boot.values;
  for (const char* key : {rp1 ? "uart0" : "enable_uart", rp1 ? "uart0_console" : "enable_uart"})
    if (const auto found = values.find(key); found != values.end()) return &found->second;
  return nullptr;
}

bool IsConfigured(const HostView& view) {
  if (view.model.header == HeaderUart::kRp1)
    return view.boot.IsOn("uart0") || view.boot.IsOn("uart0_console") ||
           view.boot.Find({"uart0", "uart0-pi5"}) != nullptr;
  const BootValue* value = EnablingValue(view);
  if (value != nullptr) return value->value != "0";
  // The default: on when the first UART is the header's (uart.adoc, "Primary and Secondary UART").
  return HeaderUartConfigured(view) == "ttyAMA0";
}

std::vector<std::string> Evidence(const HostView& view) {
  std::vector<std::string> evidence;
  if (const BootValue* value = EnablingValue(view))
    evidence.push_back(fmt::format("{}: {}", value->place, value->value));
  for (const char* alias : {"serial0", "uart0", "uart1"}) {
    const std::string status = NodeStatusOf(view, alias);
    if (!status.empty()) evidence.push_back(fmt::format("device tree: {} is {}", alias, status));
  }
  return evidence;
}

bool ConcernsHeader(const HostView& view) {
  if (!view.model.IsPi()) return false;
  const auto device = BoardDevice(view);
  return !device || (device->is_local && device->IsOnBoard());
}

// A Pi 5's third UART, asked for by its own name and for a board that needs nothing else of the
// header.
bool IsDebugConnector(const HostView& view, const SerialDevice& device) {
  return view.model.header == HeaderUart::kRp1 && device.asked == "/dev/ttyAMA10" &&
         !view.WantsGpio();
}

Finding Enabled(const HostView& view) {
  const std::string setting =
      view.model.header == HeaderUart::kRp1 ? "dtparam=uart0=on" : "enable_uart=1";
  std::string header = HeaderUartNow(view);
  if (header.empty()) header = HeaderUartConfigured(view);
  if (!header.empty() && view.files.Exists("/dev/" + header))
    return {kEnabled, FindingVerdict::kOk, fmt::format("the header's UART is on: {}", header), "",
            Evidence(view)};
  const bool no_dev = view.files.List("/dev").empty();
  if (no_dev && view.boot.state != HostFiles::State::kFound)
    return {kEnabled,
            FindingVerdict::kUnknown,
            "whether the header's UART is on cannot be seen: no /dev, no config.txt",
            "",
            {}};
  if (IsConfigured(view) && no_dev)
    return {kEnabled, FindingVerdict::kOk, "config.txt switches the header's UART on", "",
            Evidence(view)};
  if (IsConfigured(view))
    return {
        kEnabled, view.Trouble(),
        "the header's UART is off, but config.txt switches it on: the host was not started since",
        std::string(kReboot), Evidence(view)};
  const BootValue* value = EnablingValue(view);
  return {kEnabled, view.Trouble(),
          value != nullptr
              ? fmt::format("the header's UART is off: {} says {}", value->place, value->value)
              : fmt::format("the header's UART is off: {} is not set", setting),
          SwitchUartOn(view), Evidence(view)};
}

// Why Bluetooth still has the first UART, and what to do about it.
Finding MoveBluetooth(const HostView& view, std::string text) {
  Finding finding{kKind, FindingVerdict::kProblem, std::move(text), "", {}};
  if (const BootOverlay* overlay = view.boot.Find(BluetoothOverlays())) {
    finding.text +=
        fmt::format("; {} changes that, but the host was not started since", overlay->place);
    finding.evidence.push_back(fmt::format("{}: dtoverlay={}", overlay->place, overlay->name));
    finding.remedy = kReboot;
    return finding;
  }
  if (const BootOverlay* overlay = view.boot.FindElsewhere(BluetoothOverlays())) {
    finding.text += fmt::format("; dtoverlay={} stands under {}, which does not hold here",
                                overlay->name, overlay->section);
    finding.evidence.push_back(fmt::format("{}: dtoverlay={}", overlay->place, overlay->name));
  }
  // Without enable_uart the overlay alone is enough, a 0 would keep the UART off.
  const auto enable = view.boot.values.find("enable_uart");
  const bool off = enable != view.boot.values.end() && enable->second.value == "0";
  finding.remedy =
      AddToConfig(view, off ? "enable_uart=1 and dtoverlay=disable-bt" : "dtoverlay=disable-bt");
  return finding;
}

Finding KindWithBluetooth(const HostView& view, const SerialDevice& device) {
  const std::string header = HeaderUartNow(view);
  if (device.name == header && header == "ttyAMA0")
    return {kKind,
            FindingVerdict::kOk,
            fmt::format("{} is the first UART (PL011), on the header", device.Title()),
            "",
            {}};
  if (device.name == "ttyS0" && header != "ttyAMA0")
    return MoveBluetooth(
        view,
        fmt::format("{} is the mini-UART: its rate follows the core clock and it loses octets, "
                    "so flashing fails",
                    device.Title()));
  if (device.name == "ttyS0")
    return {kKind,
            FindingVerdict::kProblem,
            fmt::format("{} is the mini-UART, which is not on the header now: {} is",
                        device.Title(), header),
            "use /dev/serial0: --serial /dev/serial0",
            {}};
  if (device.name == "ttyAMA0" && header.empty())
    return {kKind,
            FindingVerdict::kUnknown,
            "whether ttyAMA0 is on the header or serves Bluetooth cannot be seen: no /dev/serial0, "
            "no device tree",
            "",
            {}};
  if (device.name == "ttyAMA0")
    return MoveBluetooth(view,
                         fmt::format("{} is not on the header: Bluetooth has it", device.Title()));
  return {kKind, FindingVerdict::kOk, fmt::format("{} is a further UART", device.Title()), "", {}};
}

Finding KindOnRp1(const HostView& view, const SerialDevice& device) {
  if (device.name != "ttyAMA10")
    return {kKind,
            FindingVerdict::kOk,
            device.name == "ttyAMA0" ? fmt::format("{} is the header's UART", device.Title())
                                     : fmt::format("{} is a further UART", device.Title()),
            "",
            {}};
  if (IsDebugConnector(view, device))
    return {kKind,
            FindingVerdict::kNote,
            "/dev/ttyAMA10 is the debug connector between the HDMI sockets, not the header",
            "",
            {}};
  // With uart0_console serial0 is the header's UART (linux, bcm2712-rpi-5-b.dts).
  std::string remedy =
      AddToConfig(view, "dtparam=uart0_console=on") + "; /dev/serial0 is the header then";
  if (view.files.Exists("/dev/ttyAMA0"))
    remedy = "name the header's: --serial /dev/ttyAMA0; or for good: " + remedy;
  return {kKind,
          FindingVerdict::kProblem,
          fmt::format("{} is the debug connector between the HDMI sockets, not the header",
                      device.Title()),
          remedy,
          {}};
}

}  // namespace

Findings CheckUart(const HostView& view) {
  if (!ConcernsHeader(view)) return {};
  if (view.model.header == HeaderUart::kNone)
    return {{kKind,
             FindingVerdict::kUnknown,
             fmt::format("which UART is on the header of a {} is not known to lastgood",
                         view.model.text),
             "",
             {}}};
  const auto device = BoardDevice(view);
  Findings findings;
  if (!device || !IsDebugConnector(view, *device)) findings.push_back(Enabled(view));
  if (!device || !device->exists) return findings;
  switch (view.model.header) {
    case HeaderUart::kNone:
      break;
    case HeaderUart::kBluetooth:
      findings.push_back(KindWithBluetooth(view, *device));
      break;
    case HeaderUart::kRp1:
      findings.push_back(KindOnRp1(view, *device));
      break;
    case HeaderUart::kPl011:
      if (device->name == "ttyS0")
        findings.push_back(
            {kKind,
             FindingVerdict::kProblem,
             fmt::format("{} is the mini-UART, which is not on the header", device->Title()),
             "use the first UART: --serial /dev/ttyAMA0",
             {}});
      else
        findings.push_back({kKind,
                            FindingVerdict::kOk,
                            fmt::format("{} is the first UART (PL011)", device->Title()),
                            "",
                            {}});
      break;
  }
  return findings;
}

Findings CheckBluetooth(const HostView& view) {
  if (view.model.header != HeaderUart::kBluetooth || !ConcernsHeader(view)) return {};
  const std::string link = EnablingLink(view.files, "multi-user.target", "hciuart.service");
  if (link.empty()) return {};
  const BootOverlay* overlay = view.boot.Find({"disable-bt", "pi3-disable-bt"});
  if (overlay == nullptr) return {};
  return {{"bluetooth-service",
           FindingVerdict::kNote,
           fmt::format("hciuart.service is enabled, but {} switches Bluetooth off: it looks for it "
                       "on the UART at every start",
                       overlay->place),
           "sudo systemctl disable --now hciuart",
           {link}}};
}

}  // namespace lastgood
