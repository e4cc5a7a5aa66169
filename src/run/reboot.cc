// SPDX-License-Identifier: MIT
#include "run/reboot.h"

#include <fmt/format.h>

#include <string>

#include "setup/programs.h"

namespace lastgood {
namespace {

constexpr std::string_view kUnit = "/etc/systemd/system/lastgood-resume.service";
constexpr std::string_view kWants = "/etc/systemd/system/multi-user.target.wants";
constexpr std::string_view kLink =
    "/etc/systemd/system/multi-user.target.wants/lastgood-resume.service";
constexpr std::chrono::seconds kRebootLimit{60};

// A word of ExecStart=: quoted, and nothing in it is a variable or a specifier (systemd.service(5),
// "Command lines").
std::string Quoted(const std::string& word) {
  std::string quoted = "\"";
  for (const char c : word) {
    if (c == '"' || c == '\\') quoted += '\\';
    if (c == '%' || c == '$') quoted += c;
    quoted += c;
  }
  return quoted + "\"";
}

std::string UnitText(const Argv& command) {
  std::string line;
  for (const std::string& word : command) line += (line.empty() ? "" : " ") + Quoted(word);
  return fmt::format(
      "# Written by lastgood for one reboot; it takes this file away when the run has ended.\n"
      "[Unit]\n"
      "Description=Go on with the run of lastgood that needed a reboot\n"
      "After=network.target time-sync.target\n"
      "\n"
      "[Service]\n"
      "Type=oneshot\n"
      "ExecStart={}\n"
      "TimeoutStartSec=3600\n"
      "\n"
      "[Install]\n"
      "WantedBy=multi-user.target\n",
      line);
}

}  // namespace

Result<void> InstallResumeUnit(const SetupHost& host, const Argv& command) {
  FileState unit{FileKind::kFile, ToBytes(UnitText(command)), {}, 0644, 0, 0, 0};
  TRY_DO(host.tree.Put(kUnit, unit));
  TRY(const FileState wants, host.tree.Look(kWants));
  if (wants.kind == FileKind::kAbsent)
    TRY_DO(host.tree.Put(kWants, {FileKind::kDirectory, {}, {}, 0755, 0, 0, 0}));
  return host.tree.Put(kLink, {FileKind::kLink, {}, std::string(kUnit), 0, 0, 0, 0});
}

Result<void> RemoveResumeUnit(const SetupHost& host) {
  if (!host.is_running) return {};
  TRY_DO(host.tree.Put(kLink, {}));
  return host.tree.Put(kUnit, {});
}

Result<void> Reboot(const SetupHost& host) {
  return RunToSuccess(host.runner, {"systemctl", "reboot"}, kRebootLimit);
}

}  // namespace lastgood
