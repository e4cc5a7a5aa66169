// SPDX-License-Identifier: MIT
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <set>
#include <system_error>

#include "device/device_group.h"
#include "device/gpio_chips.h"
#include "device/libgpiod.h"

namespace lastgood {
namespace {

namespace fs = std::filesystem;

// gpiochip2 before gpiochip10.
bool IsBefore(const std::string& a, const std::string& b) {
  return a.size() != b.size() ? a.size() < b.size() : a < b;
}

}  // namespace

std::vector<std::string> GpioChipPaths(const std::string& directory) {
  std::set<std::string> paths;
  std::error_code error;
  fs::directory_iterator entry(directory, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    if (!entry->path().filename().string().starts_with("gpiochip")) continue;
    std::error_code dangling;
    const fs::path path = fs::canonical(entry->path(), dangling);
    if (!dangling) paths.insert(path.string());
  }
  std::vector<std::string> sorted(paths.begin(), paths.end());
  std::sort(sorted.begin(), sorted.end(), IsBefore);
  return sorted;
}

GpioChips ListGpioChips() {
  GpioChips found;
  std::set<dev_t> seen;
  for (const std::string& path : GpioChipPaths("/dev")) {
    struct stat status {};
    if (stat(path.c_str(), &status) != 0 || !S_ISCHR(status.st_mode)) continue;
    if (!seen.insert(status.st_rdev).second) continue;
    auto chip = libgpiod::ReadChip(path);
    if (chip) {
      found.chips.push_back(*std::move(chip));
    } else if (chip.error() == EACCES || chip.error() == EPERM) {
      if (found.forbidden_group.empty()) found.forbidden_group = GroupThatMayUse(path);
      found.forbidden.push_back(path);
    } else if (chip.error() == EINVAL) {
      found.unreadable.push_back(path);
    }
  }
  return found;
}

}  // namespace lastgood
