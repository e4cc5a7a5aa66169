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

struct LeftOutStep {
  std::string name;  // Describe()
  std::string why;   // "it is for release 'trixie', this host has 'bookworm'"
};

struct PreparedSteps {
  std::vector<PlannedStep> steps;
  std::vector<LeftOutStep> left_out;  // not for this host: who needs them does without
};

// `host` must outlive the steps. kInvalidManifest as MakeSteps; kSetupFailed as WhyNotForHost.
Result<PreparedSteps> PrepareSteps(const std::vector<OrderedStep>& ordered, SetupHost& host);

}  // namespace lastgood
