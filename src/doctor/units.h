// SPDX-License-Identifier: MIT
// Units of systemd by the links that enable them: their targets need not be there in a copy of a
// host.
#pragma once

#include <string>

#include "facts/host_files.h"

namespace lastgood {

bool IsUnitMasked(const HostFiles& files, const std::string& unit);

// The link that makes `target` want the unit, by hand or by a generator; empty when nothing does or
// the unit is masked.
std::string EnablingLink(const HostFiles& files, const std::string& target,
                         const std::string& unit);
std::string GeneratedLink(const HostFiles& files, const std::string& target,
                          const std::string& unit);

}  // namespace lastgood
