// SPDX-License-Identifier: MIT
// Lines as other programs and people hand them on: coloured, stamped with a time, quoted.
#pragma once

#include <string>
#include <string_view>

namespace lastgood {

// The board's own words in `line`: without unreadable characters, without ANSI colours, and without
// what stands in front of them: "[12:00:00] ", "2024-05-01 12:00:00.123 -> ", "> ". A prompt stays.
std::string OwnWords(std::string_view line);

}  // namespace lastgood
