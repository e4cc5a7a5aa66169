// SPDX-License-Identifier: MIT
// Text for a terminal: what a board, a server or a manifest said must not move its cursor, change
// its title or hide a line.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace lastgood {

// Control characters, invalid UTF-8 and marks that turn the direction of writing become visible as
// \xNN; a tab becomes a space. Everything else stays.
std::string ToPrintable(std::string_view text);

// Of printable text: columns it takes, counted as one for each character.
std::size_t DisplayWidth(std::string_view text);

// Lines of at most `width` columns, broken at spaces, within a word only when it is longer than a
// line. At least one line. `width` 0 does not break.
std::vector<std::string> WrapText(std::string_view text, std::size_t width);

}  // namespace lastgood
