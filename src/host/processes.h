// SPDX-License-Identifier: MIT
// Who else runs on this host, for messages about what is busy.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>

namespace lastgood {

// "process 1234 (picocom)"; "process 1234" when it has no name or is gone.
std::string DescribeProcess(pid_t pid);

// The command name of a process ("agetty"), at most 15 characters; empty when it is gone.
std::string ProcessName(pid_t pid);

// Another process than this one that has `path` open. Looks only where we may look: without root,
// at this user's processes. `path` is compared as the kernel spells it: no links in it.
std::optional<pid_t> FindOpenElsewhere(const std::filesystem::path& path);

}  // namespace lastgood
