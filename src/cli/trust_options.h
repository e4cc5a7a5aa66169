// SPDX-License-Identifier: MIT
// The options of sign, index and keys, and --index.
#pragma once

#include "cli/command_line.h"

namespace CLI {
class App;
}

namespace lastgood {

// What makes a word a command; of command_line.cc.
CLI::App* AddCommand(CLI::App& app, CommandLine& line, Command command, const std::string& name,
                     const std::string& about);

void AddTrust(CLI::App& app, CommandLine& line);
void AddIndexOption(CLI::App& app, CommandLine& line);  // --index

}  // namespace lastgood
