// SPDX-License-Identifier: MIT
// Source text to tokens, for the built-in console's interpreter. Blocks are not known: a line that
// starts with a blank is an unexpected indent.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lastgood::sim {

struct PythonToken {
  enum class Kind { kName, kInteger, kString, kOperator, kNewline, kEnd, kError } kind;
  std::string text;          // name, operator, content of a string
  std::int64_t integer = 0;  // kInteger
  int line = 1;
  // kError: "SyntaxError", "IndentationError", "OverflowError" or "NotImplementedError", `text` is
  // the message. Lexing ends there.
  std::string_view error_type = {};

  bool Is(std::string_view operator_text) const {
    return kind == Kind::kOperator && text == operator_text;
  }
  bool IsName(std::string_view name) const { return kind == Kind::kName && text == name; }
};

// Ends with kEnd or kError, always. "\r", "\n" and "\r\n" end lines; comments and blank lines
// vanish.
std::vector<PythonToken> LexPython(std::string_view source);

}  // namespace lastgood::sim
