// SPDX-License-Identifier: MIT
// The kind `file`: a file with a content (docs/steps.md).
//
//   path      absolute; links are followed
//   content   its text; or
//   template  its text, with facts of the host in it (setup/template_text.h)
//   mode, owner, group   setup/file_fields.h
#pragma once

#include <memory>

#include "setup/step.h"

namespace lastgood {

std::unique_ptr<Step> MakeFileStep(const StepSpec& spec, toml::TableReader& fields,
                                   toml::Diagnostics& mistakes, SetupHost& host);

}  // namespace lastgood
