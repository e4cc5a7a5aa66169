// SPDX-License-Identifier: MIT
// How one text becomes another, line by line, as diff -u and patch understand it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lastgood {

// Lines without their ends; none when the texts are equal. Each change has three lines around it.
// Control characters are shown as '?'. What is no text, or differs in thousands of lines, is one
// line that says so.
std::vector<std::string> UnifiedDiff(std::string_view before, std::string_view after,
                                     const std::string& before_name, const std::string& after_name);

}  // namespace lastgood
