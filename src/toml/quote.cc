// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include "toml/document.h"

namespace lastgood::toml {

std::string Quote(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (c == '\n') {
      quoted += "\\n";
    } else if (c == '\t') {
      quoted += "\\t";
    } else if (octet < 0x20 || octet == 0x7F) {
      quoted += fmt::format("\\u{:04X}", octet);
    } else {
      quoted += c;
    }
  }
  return quoted + '"';
}

}  // namespace lastgood::toml
