// SPDX-License-Identifier: MIT
// The kind `kernel-cmdline`: words of the command line that a Raspberry Pi's firmware hands to the
// kernel (docs/steps.md).
//
//   add    strings: words that must be there, put to the end
//   remove strings: words that must not be there; one that ends with * stands for all that begin so
//
// At least one of them. The file is cmdline.txt beside config.txt, or the one that config.txt
// names. Only its first line counts, and of that what stands before "--", which ends the kernel's
// own words. What the kernel that runs now was told (/proc/cmdline) is not looked at.
#pragma once

#include <memory>

#include "setup/step.h"

namespace lastgood {

std::unique_ptr<Step> MakeKernelCmdlineStep(const StepSpec& spec, toml::TableReader& fields,
                                            toml::Diagnostics& mistakes, SetupHost& host);

}  // namespace lastgood
