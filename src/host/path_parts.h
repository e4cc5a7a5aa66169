// SPDX-License-Identifier: MIT
// A path as the names that are gone through, for walks that meet links on the way.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lastgood {

// The names of `path` become the next ones to go: its first name is then the last of `names`, where
// it is taken off. Slashes say nothing but where a name ends.
void GoFirst(std::vector<std::string>& names, std::string_view path);

}  // namespace lastgood
