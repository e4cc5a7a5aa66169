// SPDX-License-Identifier: MIT
// Whether this user may use the devices: by the groups that are in force now, not only those that
// /etc/group promises from the next login on.
#include <fmt/format.h>

#include <algorithm>

#include "doctor/checks.h"
#include "doctor/node_access.h"
#include "doctor/serial_view.h"

namespace lastgood {
namespace {

constexpr std::uint32_t kOwnerMayUse = 0600;
constexpr std::uint32_t kGroupMayUse = 0060;
constexpr std::uint32_t kOthersMayUse = 0006;

bool Allows(std::uint32_t mode, std::uint32_t bits) { return (mode & bits) == bits; }

HostGroup GroupOf(const HostView& view, std::uint32_t gid) {
  for (HostGroup& group : ReadGroups(view.files))
    if (group.gid == gid) return std::move(group);
  return {fmt::format("{}", gid), gid, {}};
}

bool IsIn(const std::vector<std::uint32_t>& gids, std::uint32_t gid) {
  return std::find(gids.begin(), gids.end(), gid) != gids.end();
}

bool MayUse(const HostUser& user, const NodeStatus& node) {
  if (node.usable) return *node.usable;
  if (user.IsRoot() || Allows(node.mode, kOthersMayUse)) return true;
  if (user.uid == node.uid && Allows(node.mode, kOwnerMayUse)) return true;
  return IsIn(user.groups, node.gid) && Allows(node.mode, kGroupMayUse);
}

}  // namespace

Finding AccessTo(const HostView& view, const std::string& check, const std::string& path) {
  const auto node = view.node_status ? view.node_status(path) : std::nullopt;
  if (!node || !view.user.uid)
    return {check,
            FindingVerdict::kUnknown,
            fmt::format("who may use {} cannot be seen: {}", path,
                        node ? "no /proc/self/status" : "its owner cannot be read"),
            "",
            {}};
  const HostUser& user = view.user;
  const std::string who =
      user.name.empty() ? fmt::format("user {}", *user.uid) : fmt::format("user '{}'", user.name);
  const HostGroup group = GroupOf(view, node->gid);
  std::vector<std::string> evidence = {
      fmt::format("{}: mode {:04o}, owner {}, group {}", path, node->mode, node->uid, group.name)};
  if (MayUse(user, *node))
    return {check, FindingVerdict::kOk, fmt::format("{} may use {}", who, path), "", evidence};
  if (!Allows(node->mode, kGroupMayUse))
    return {check, view.Trouble(),
            fmt::format("{} may not use {}: it is for its owner alone", who, path),
            check == "serial-access" && group.name == "tty"
                ? "end the login prompt that took it (see serial-getty), or run lastgood with sudo"
                : "run lastgood with sudo",
            evidence};
  const bool promised =
      std::find(group.members.begin(), group.members.end(), user.name) != group.members.end();
  if (promised && !IsIn(user.groups, node->gid))
    return {check, view.Trouble(),
            fmt::format("{} may not use {} yet: the membership in group '{}' counts from the next "
                        "login on",
                        who, path, group.name),
            fmt::format("log out and in again, or for this shell: newgrp {}", group.name),
            evidence};
  return {
      check, view.Trouble(),
      fmt::format("{} may not use {}: not in group '{}'", who, path, group.name),
      fmt::format("sudo usermod -aG {} {}, then log out and in again; or run lastgood with sudo",
                  group.name, user.name.empty() ? "$USER" : user.name),
      evidence};
}

Findings CheckSerialAccess(const HostView& view) {
  Findings findings;
  for (const SerialDevice& device : ExaminedDevices(view))
    findings.push_back(AccessTo(view, "serial-access", device.path));
  return findings;
}

Findings CheckGpioAccess(const HostView& view) {
  if (view.board && !view.WantsGpio()) return {};
  Finding good;
  for (const std::string& name : view.files.List("/dev")) {
    // gpiochip4 on a Pi 5 is a link to the first one, for programs that count on the number.
    if (!name.starts_with("gpiochip") || view.files.LinkTarget("/dev/" + name)) continue;
    Finding finding = AccessTo(view, "gpio-access", "/dev/" + name);
    if (finding.verdict != FindingVerdict::kOk) return {std::move(finding)};
    if (good.check.empty()) good = std::move(finding);
  }
  if (good.check.empty()) return {};
  return {std::move(good)};
}

}  // namespace lastgood
