// SPDX-License-Identifier: MIT
#include "doctor/units.h"

#include <fmt/format.h>

#include <algorithm>

namespace lastgood {
namespace {

std::string LinkIn(const HostFiles& files, const std::string& directory, const std::string& target,
                   const std::string& unit) {
  const std::string link = fmt::format("{}/{}.wants/{}", directory, target, unit);
  const bool there = files.LinkTarget(link) || files.Exists(link);
  return there && !IsUnitMasked(files, unit) ? link : std::string();
}

}  // namespace

bool IsUnitMasked(const HostFiles& files, const std::string& unit) {
  for (const char* directory : {"/etc/systemd/system/", "/run/systemd/system/"})
    if (files.LinkTarget(directory + unit) == "/dev/null") return true;
  // "serial-getty@ttyS0.service" without its instance.
  const std::size_t at = unit.find('@');
  if (at == std::string::npos || unit.find('.') == at + 1) return false;
  return IsUnitMasked(files,
                      unit.substr(0, at + 1) + unit.substr(std::min(unit.rfind('.'), unit.size())));
}

std::string EnablingLink(const HostFiles& files, const std::string& target,
                         const std::string& unit) {
  return LinkIn(files, "/etc/systemd/system", target, unit);
}

std::string GeneratedLink(const HostFiles& files, const std::string& target,
                          const std::string& unit) {
  return LinkIn(files, "/run/systemd/generator", target, unit);
}

}  // namespace lastgood
