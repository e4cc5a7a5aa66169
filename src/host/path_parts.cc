// SPDX-License-Identifier: MIT
#include "host/path_parts.h"

#include <algorithm>
#include <cstddef>

namespace lastgood {

void GoFirst(std::vector<std::string>& names, std::string_view path) {
  const std::size_t begin = names.size();
  while (!path.empty()) {
    const std::size_t slash = std::min(path.find('/'), path.size());
    if (slash > 0) names.emplace_back(path.substr(0, slash));
    path.remove_prefix(std::min(slash + 1, path.size()));
  }
  std::reverse(names.begin() + static_cast<std::ptrdiff_t>(begin), names.end());
}

}  // namespace lastgood
