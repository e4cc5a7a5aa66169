// SPDX-License-Identifier: MIT
// The options that are about the host and its set-up, and the commands that take it back.
#pragma once

#include "cli/command_line.h"

namespace CLI {
class App;
}

namespace lastgood {

// --root, --user, --model: which host, and on whose behalf.
void AddHostOptions(CLI::App& app, CommandLine& line);
void AddHostOnlyOption(CLI::App& app, CommandLine& line);
// --keep-going, --reboot.
void AddSetupOptions(CLI::App& app, CommandLine& line);
// undo, remove.
void AddUndoCommands(CLI::App& app, CommandLine& line);

}  // namespace lastgood
