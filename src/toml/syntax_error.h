// SPDX-License-Identifier: MIT
// The TOML library's view of a syntax error, put into words for the person who made the slip and
// moved to where the slip is.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace lastgood::toml {

struct SyntaxError {
  std::size_t offset;
  std::string message;
};

// `description` and `offset` are what the library says; `open_string` is ScanStructure's finding.
SyntaxError ExplainSyntaxError(std::string_view text, std::string_view description,
                               std::size_t offset, std::optional<std::size_t> open_string);

}  // namespace lastgood::toml
