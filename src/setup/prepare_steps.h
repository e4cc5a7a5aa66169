// SPDX-License-Identifier: MIT
// From the steps of a plan to those that are for a host, ready to be run or shown.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "manifest/manifest.h"
#include "setup/setup_host.h"
#include "setup/setup_runner.h"

namespace lastgood {

struct PreparedSteps {
  std::vector<PlannedStep> steps;
  // Not for this host, and why: "'apt: picocom': it is for release 'trixie', this host has
  // 'bookworm'". Who needs them does without.
  std::vector<std::string> left_out;
};

// `host` must outlive the steps. kInvalidManifest as MakeSteps; kSetupFailed as WhyNotForHost.
Result<PreparedSteps> PrepareSteps(const std::vector<OrderedStep>& ordered, SetupHost& host);

}  // namespace lastgood
