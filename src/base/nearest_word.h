// SPDX-License-Identifier: MIT
// "Did you mean": a slip of the fingers is recognised in whatever a person writes.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lastgood {

// The candidate nearest to `word` by edit distance, when it is near enough to be a slip of the
// fingers; of several the first.
std::optional<std::string> NearestWord(std::string_view word,
                                       const std::vector<std::string>& candidates);

}  // namespace lastgood
