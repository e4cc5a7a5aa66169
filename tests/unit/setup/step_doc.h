// SPDX-License-Identifier: MIT
// The example of a kind in docs/steps.md.
#pragma once

#include <string>

#include "support/temporary_directory.h"

namespace lastgood::test {

// What stands in the first ```toml block of the kind's section; empty when there is none.
inline std::string DocExampleOf(const std::string& kind) {
  const std::string text = ReadText(std::string(LASTGOOD_SOURCE_DIR) + "/docs/steps.md");
  const std::size_t section = text.find("\n## `" + kind + "`\n");
  if (section == std::string::npos) return {};
  const std::string body = text.substr(section, text.find("\n## ", section + 1) - section);
  const std::string fence = "```toml\n";
  const std::size_t begin = body.find(fence);
  if (begin == std::string::npos) return {};
  const std::size_t end = body.find("```", begin + fence.size());
  return body.substr(begin + fence.size(), end - begin - fence.size());
}

}  // namespace lastgood::test
