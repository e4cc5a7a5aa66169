// SPDX-License-Identifier: MIT
// health, and the recording of what goes over a board's wires.
#pragma once

#include "cli/command_line.h"

namespace CLI {
class App;
}

namespace lastgood {

void AddHealthCommand(CLI::App& app, CommandLine& line);

// --record.
void AddRecordOption(CLI::App& app, CommandLine& line);
// Throws CLI::ValidationError when --record was given where it would record nothing, or the words
// of several boards in one file.
void RefuseUnrecordable(const CommandLine& line);

}  // namespace lastgood
