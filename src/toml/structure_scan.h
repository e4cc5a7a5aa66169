// SPDX-License-Identifier: MIT
// A first look at a text's brackets, dots and quotes, before the parser sees it. The parser limits
// the depth of values but not of dotted keys, and a tree is destroyed by recursion: "[a.a.a.…]"
// over a megabyte would overflow the stack.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace lastgood::toml {

inline constexpr std::size_t kNestedBracketsMax = 32;
inline constexpr std::size_t kDotsPerKeyMax = 16;

struct StructureScan {
  std::optional<std::size_t> too_deep;     // offset of the bracket or dot that is one too many
  std::optional<std::size_t> open_string;  // offset of the first quote that is never closed
};

// Agrees with the parser up to the first syntax error, which is all that the parser builds.
StructureScan ScanStructure(std::string_view text);

}  // namespace lastgood::toml
