// SPDX-License-Identifier: MIT
// Carries out a command line. The one place where an Error becomes text and an exit status.
#pragma once

#include "cli/command_line.h"
#include "cli/toolbox.h"

namespace lastgood {

int Execute(const CommandLine& line, Toolbox& tools);

// "lastgood: error: …" and "lastgood: hint: …" on standard error, or one JSON object with --json.
void PrintError(const Error& error, bool json, std::FILE* out, std::FILE* err);

}  // namespace lastgood
