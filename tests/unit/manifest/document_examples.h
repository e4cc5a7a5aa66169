// SPDX-License-Identifier: MIT
// The examples of a documentation page: its fenced blocks.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "support/temporary_directory.h"

namespace lastgood::test {

struct Example {
  std::string language;  // what follows the fence: "toml", "toml invalid", "text"
  std::string text;
};

inline std::string Documentation(std::string_view page) {
  return ReadText(std::filesystem::path(LASTGOOD_SOURCE_DIR) / "docs" / page);
}

inline std::vector<Example> Examples(std::string_view page) {
  std::vector<Example> examples;
  bool is_inside = false;
  for (std::string_view rest = page; !rest.empty();) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    if (line.starts_with("```")) {
      if (!is_inside) examples.push_back({std::string(line.substr(3)), ""});
      is_inside = !is_inside;
    } else if (is_inside) {
      examples.back().text += std::string(line) + '\n';
    }
  }
  return examples;
}

// The keys that a reader offers in "unknown key 'zzzzzz' in …; known: a, b".
inline std::vector<std::string> OfferedKeys(std::string_view message) {
  std::vector<std::string> keys;
  constexpr std::string_view kKnown = "; known: ";
  for (auto at = message.find(kKnown); at != std::string_view::npos;
       at = message.find(kKnown, at + 1)) {
    std::string_view list = message.substr(at + kKnown.size());
    list = list.substr(0, list.find('\n'));
    while (!list.empty()) {
      const std::string_view key = list.substr(0, list.find(", "));
      keys.emplace_back(key);
      list.remove_prefix(std::min(key.size() + 2, list.size()));
    }
  }
  return keys;
}

}  // namespace lastgood::test
