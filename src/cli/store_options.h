// SPDX-License-Identifier: MIT
// The command line of what is about the store: fetch, cache, and where provision looks first.
#pragma once

#include "cli/command_line.h"

namespace CLI {
class App;
}

namespace lastgood {

void AddStoreCommands(CLI::App& app, CommandLine& line);

// --mirror, as fetch has it.
void AddMirrorOption(CLI::App& app, CommandLine& line);

}  // namespace lastgood
