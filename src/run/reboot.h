// SPDX-License-Identifier: MIT
// Going on after a reboot without a person: a systemd unit that runs once, and is taken away again.
#pragma once

#include "base/result.h"
#include "setup/setup_host.h"

namespace lastgood {

// Writes lastgood-resume.service, wanted by multi-user.target, which runs `command` at the next
// start. Durable when it returns.
Result<void> InstallResumeUnit(const SetupHost& host, const Argv& command);

// What InstallResumeUnit() wrote, if anything; nothing to do where no systemd runs.
Result<void> RemoveResumeUnit(const SetupHost& host);

// Asks systemd for it; returns while the host goes down.
Result<void> Reboot(const SetupHost& host);

}  // namespace lastgood
