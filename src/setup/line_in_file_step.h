// SPDX-License-Identifier: MIT
// The kind `line-in-file`: one line of a text file, the rest of which is left alone octet by octet
// (docs/steps.md).
//
//   path      absolute; links are followed
//   line      without its end, at most 4096 octets
//   replaces  lines that begin so make room for it; optional
//   state     "present" (when absent) or "absent"
//   create    whether a file that is missing is made; false when absent
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "setup/step.h"

namespace lastgood {

// `text` with `line` in it exactly once: where it stands already, else where the first line is that
// begins with `replaces`, else at the end. Other lines that begin so go; no `replaces`: none does.
std::string WithLine(std::string_view text, std::string_view line, std::string_view replaces);
// `text` without any such line.
std::string WithoutLine(std::string_view text, std::string_view line);

std::unique_ptr<Step> MakeLineInFileStep(const StepSpec& spec, toml::TableReader& fields,
                                         toml::Diagnostics& mistakes, SetupHost& host);

}  // namespace lastgood
