// SPDX-License-Identifier: MIT
// A secret key's password: from a file, or from the person at the terminal. Nobody is asked
// without one.
#pragma once

#include <string>

#include "base/result.h"
#include "cli/command_line.h"
#include "cli/toolbox.h"

namespace lastgood {

// The first line of --password-file ("-": standard input); without that option, what is typed at
// the terminal within two minutes, not shown. kUsage when there is neither, or nothing is said;
// `twice`: it is a new one, typed again to be sure.
Result<std::string> ReadPassword(const CommandLine& line, const std::string& of, bool twice,
                                 Toolbox& tools);

}  // namespace lastgood
