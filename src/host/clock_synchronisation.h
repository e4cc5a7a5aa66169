// SPDX-License-Identifier: MIT
// Whether something keeps this host's clock right. A Raspberry Pi without an RTC starts with the
// time of its last shutdown, or of its image, until a time service has answered.
#pragma once

#include <filesystem>

namespace lastgood {

// The kernel's clock is disciplined (adjtimex(2), asked without changing anything), or
// systemd-timesyncd says below `root` that it has set it once.
bool ClockIsSynchronised(const std::filesystem::path& root = "/");

}  // namespace lastgood
