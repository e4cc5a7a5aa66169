// SPDX-License-Identifier: MIT
// The kind `directory`: a directory, with those above it (docs/steps.md).
//
//   path      absolute; links are followed
//   mode, owner, group   setup/file_fields.h
#pragma once

#include <memory>

#include "setup/step.h"

namespace lastgood {

std::unique_ptr<Step> MakeDirectoryStep(const StepSpec& spec, toml::TableReader& fields,
                                        toml::Diagnostics& mistakes, SetupHost& host);

}  // namespace lastgood
