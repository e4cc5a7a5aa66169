// SPDX-License-Identifier: MIT
// What a person calls the lines of a board, as its recipe wires them.
#pragma once

#include <string>

#include "device/board_lines.h"

namespace lastgood {

std::string ResetLineName(const LinesSpec& lines);  // "GPIO17", "RTS", "the recipe's program", …
std::string BootLineName(const LinesSpec& lines);

}  // namespace lastgood
