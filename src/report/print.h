// SPDX-License-Identifier: MIT
#pragma once

#include <fmt/format.h>

#include <cstdio>
#include <string>
#include <utility>

namespace lastgood {

// As fmt::print(), which throws when nothing can be written: here std::ferror(out) tells.
template <typename... Values>
void Print(std::FILE* out, fmt::format_string<Values...> format, Values&&... values) {
  const std::string text = fmt::format(format, std::forward<Values>(values)...);
  std::fwrite(text.data(), 1, text.size(), out);
}

}  // namespace lastgood
