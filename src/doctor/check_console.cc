// SPDX-License-Identifier: MIT
// Whether the kernel talks on the board's line, or a login prompt does: the board hears their words
// as commands, and they eat its answers.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "doctor/checks.h"
#include "doctor/remedies.h"
#include "doctor/serial_view.h"

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
  const bool rp1 = view.model.header == HeaderUart::kRp1;
  const std::string primary =
      rp1 ? (view.boot.IsOn("uart0_console") ? "ttyAMA0" : "ttyAMA10") : HeaderUartConfigured(view);
  if (device.name == primary) names.emplace_back("serial0");
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
  return {kConsole, view.Trouble(),
          word_now.empty() && now.Readable()
              ? fmt::format("the kernel's console will be on {} from the next start on ({})",
                            device.name, word_next)
              : fmt::format("the kernel's console is on {} ({})", device.name,
                            word_now.empty() ? word_next : word_now),
          TakeConsoleOff(view, device.name), evidence};
}

bool IsMasked(const HostView& view, const std::string& unit) {
  for (const char* directory : {"/etc/systemd/system/", "/run/systemd/system/"})
    for (const std::string& name : {unit, std::string("serial-getty@.service")})
      if (view.files.LinkTarget(directory + name) == "/dev/null") return true;
  return false;
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
    if (IsMasked(view, unit)) continue;
    const std::string enabled = "/etc/systemd/system/getty.target.wants/" + unit;
    const std::string generated = "/run/systemd/generator/getty.target.wants/" + unit;
    if (view.files.LinkTarget(enabled) || view.files.Exists(enabled))
      return {kGetty,
              view.Trouble(),
              fmt::format("a login prompt waits on {}", device.name),
              fmt::format("sudo systemctl disable --now {}", unit),
              {enabled}};
    // systemd-getty-generator makes one for every console of the kernel; only masking outlasts it.
    if (view.files.LinkTarget(generated) || view.files.Exists(generated))
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
  Findings findings;
  for (const SerialDevice& device : ExaminedDevices(view)) {
    if (device.IsUsb() && !view.board) continue;
    findings.push_back(ConsoleOf(view, device));
    findings.push_back(GettyOf(view, device));
  }
  return findings;
}

}  // namespace lastgood
