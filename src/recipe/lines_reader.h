// SPDX-License-Identifier: MIT
#pragma once

#include "device/board_lines.h"
#include "toml/document.h"

namespace lastgood {

// [board.lines]
LinesSpec ReadLines(const toml::Table& table, toml::Diagnostics& diagnostics);

}  // namespace lastgood
