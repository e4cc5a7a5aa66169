// SPDX-License-Identifier: MIT
// Which steps are for which host, by facts that were read on it and never by guesses.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "manifest/host_conditions.h"
#include "setup/setup_host.h"

namespace lastgood {

// Why what has these conditions is not for `host`: "it is for release 'trixie', this host has
// 'bookworm'"; nullopt when it is. kSetupFailed when a fact that decides it can not be known;
// `what` is what the message calls the step.
Result<std::optional<std::string>> WhyNotForHost(const HostConditions& when, const SetupHost& host,
                                                 const std::string& what);

}  // namespace lastgood
