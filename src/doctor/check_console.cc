// SPDX-License-Identifier: MIT
// Whether the kernel talks on the board's line, or a login prompt does: the board hears their words
// as commands, and they eat its answers.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "doctor/checks.h"
#include "doctor/remedies.h"
#include "doctor/serial_view.h"
#include "doctor/units.h"

namespace lastgood {
namespace {

constexpr const char* kConsole = "serial-console";
constexpr const char* kGetty = "serial-getty";

struct CommandLineText {
  std::string path;
  HostFiles::Text text;

  bool Readable() const { return text.state == HostFiles::State::kFound; }

  // The word that makes one of `names` a console: "console=serial0,115200".
  std::string ConsoleOn(const std::vector<std::string>& names) const {
    constexpr std::string_view kKey = "console=";
    for (const std::string& word : WordsOf(text.text)) {
      if (!word.starts_with(kKey)) continue;
      const std::string device = SplitText(word.substr(kKey.size()), ',')[0];
      if (std::find(names.begin(), names.end(), device) != names.end()) return word;
    }
    return {};
  }
};

CommandLineText ReadCommandLine(const HostView& view, const std::string& path) {
  return {path, path.empty() ? HostFiles::Text{} : view.files.Read(path)};
}

// The names under which a console on this device may stand in a command line: the firmware puts the
// primary UART's own name for serial0.
std::vector<std::string> NamesNow(const HostView& view, const SerialDevice& device) {
  std::vector<std::string> names = {device.name};
  if (view.files.Resolve("/dev/serial0") == device.path) names.emplace_back("serial0");
  return names;
}

std::vector<std::string> NamesAtNextStart(const HostView& view, const SerialDevice& device) {
  std::vector<std::string> names = {device.name};
  // serial0 is the header's UART, whichever that will be: for a board, the one that it needs. On a
  // Pi 5 it has to be told.
  bool is_serial0 = view.board || device.name == HeaderUartConfigured(view);
  if (view.model.header == HeaderUart::kRp1)
    is_serial0 = device.name == (view.boot.IsOn("uart0_console") ? "ttyAMA0" : "ttyAMA10");
  if (is_serial0 && device.IsOnBoard()) names.emplace_back("serial0");
  return names;
}

Finding ConsoleOf(const HostView& view, const SerialDevice& device) {
  const CommandLineText now = ReadCommandLine(view, "/proc/cmdline");
  const CommandLineText next = ReadCommandLine(
      view, view.boot.directory.empty() ? "" : view.boot.directory + "/cmdline.txt");
  if (!now.Readable() && !next.Readable())
    return {
        kConsole,
        FindingVerdict::kUnknown,
        fmt::format("whether the kernel's console is on {} cannot be seen: no /proc/cmdline, no "
                    "cmdline.txt",
                    device.name),
        "",
        {}};
  const std::string word_now = now.ConsoleOn(NamesNow(view, device));
  const std::string word_next = next.ConsoleOn(NamesAtNextStart(view, device));
  std::vector<std::string> evidence;
  if (!word_now.empty()) evidence.push_back(fmt::format("{}: {}", now.path, word_now));
  if (!word_next.empty()) evidence.push_back(fmt::format("{}: {}", next.path, word_next));
  if (!word_now.empty() && next.Readable() && word_next.empty())
    return {kConsole, view.Trouble(),
            fmt::format("the kernel's console is on {} ({}) until the next start: cmdline.txt does "
                        "not ask for it any more",
                        device.name, word_now),
            std::string(kReboot), evidence};
  if (word_now.empty() && word_next.empty())
    return {kConsole, FindingVerdict::kOk,
            fmt::format("no console of the kernel on {}", device.name), "", evidence};
  std::string text = fmt::format("the kernel's console is on {} ({})", device.name, word_now);
  if (word_now.empty())
    text = fmt::format("cmdline.txt puts the kernel's console on {} from the next start on ({})",
                       word_next.starts_with("console=serial0") ? "the header's UART" : device.name,
                       word_next);
  return {kConsole, view.Trouble(), text,
          TakeConsoleOff(view, word_next.empty() ? word_now : word_next), evidence};
}

Finding GettyOf(const HostView& view, const SerialDevice& device) {
  if (!view.files.IsDirectory("/etc/systemd") && !view.files.IsDirectory("/run/systemd"))
    return {kGetty,
            FindingVerdict::kUnknown,
            fmt::format("whether a login prompt waits on {} cannot be seen: no systemd here",
                        device.name),
            "",
            {}};
  for (const std::string& name : NamesNow(view, device)) {
    const std::string unit = fmt::format("serial-getty@{}.service", name);
    const std::string enabled = EnablingLink(view.files, "getty.target", unit);
    if (!enabled.empty())
      return {kGetty,
              view.Trouble(),
              fmt::format("a login prompt waits on {}", device.name),
              fmt::format("sudo systemctl disable --now {}", unit),
              {enabled}};
    // systemd-getty-generator makes one for every console of the kernel; only masking outlasts it.
    const std::string generated = GeneratedLink(view.files, "getty.target", unit);
    if (!generated.empty())
      return {kGetty,
              view.Trouble(),
              fmt::format("a login prompt waits on {}, because it is a console of the kernel",
                          device.name),
              fmt::format("sudo systemctl mask --now {}", unit),
              {generated}};
  }
  return {kGetty, FindingVerdict::kOk, fmt::format("no login prompt on {}", device.name), "", {}};
}

}  // namespace

Findings CheckConsole(const HostView& view) {
  std::vector<SerialDevice> devices = ExaminedDevices(view);
  // The UART of a Pi's header may be off as yet; what waits for it counts all the same.
  const auto own = BoardDevice(view);
  const bool has_header = view.model.IsPi() || !view.boot.directory.empty();
  if (own && own->is_local && !own->exists && own->IsOnBoard() && has_header)
    devices.push_back(*own);
  Findings findings;
  for (const SerialDevice& device : devices) {
    if (device.IsPty() || (device.IsUsb() && !view.board)) continue;
    findings.push_back(ConsoleOf(view, device));
    findings.push_back(GettyOf(view, device));
  }
  return findings;
}

}  // namespace lastgood
