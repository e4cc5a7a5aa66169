// SPDX-License-Identifier: MIT
#include "device/device_group.h"

#include <fmt/format.h>
#include <grp.h>
#include <sys/stat.h>

#include <array>

namespace lastgood {
namespace {

std::string GroupName(gid_t gid) {
  std::array<char, 1024> buffer;
  struct group entry {};
  struct group* found = nullptr;
  getgrgid_r(gid, &entry, buffer.data(), buffer.size(), &found);
  return found != nullptr ? found->gr_name : fmt::format("{}", gid);
}

}  // namespace

std::string GroupThatMayUse(const std::filesystem::path& device) {
  struct stat status {};
  constexpr mode_t kGroupMayUse = S_IRGRP | S_IWGRP;
  if (stat(device.c_str(), &status) != 0) return {};
  return (status.st_mode & kGroupMayUse) == kGroupMayUse ? GroupName(status.st_gid) : "";
}

std::string HintToJoin(const std::string& group) {
  return fmt::format("add the user to group '{}': sudo usermod -aG {} $USER, then log in again",
                     group, group);
}

}  // namespace lastgood
