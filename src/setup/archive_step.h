// SPDX-License-Identifier: MIT
// The kind `archive`: an archive's files below a directory (docs/steps.md).
//
//   urls, sha256, size   the artifact (setup/step_artifacts.h): a .zip or .tar, at most 64 MiB
//   into      absolute; below /opt, /srv, /usr/local, /usr/share or /var/lib
//   strip     leading components of its names that are left out, 0 to 16; 0 when absent
//
// Below those directories no link is followed: what is unpacked stays there.
#pragma once

#include <memory>

#include "setup/step.h"

namespace lastgood {

std::unique_ptr<Step> MakeArchiveStep(const StepSpec& spec, toml::TableReader& fields,
                                      toml::Diagnostics& mistakes, SetupHost& host);

}  // namespace lastgood
