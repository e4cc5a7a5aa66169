// SPDX-License-Identifier: MIT
#include "toml/structure_scan.h"

#include <algorithm>

namespace lastgood::toml {
namespace {

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  StructureScan Run() {
    while (at_ < text_.size() && !found_.too_deep) Step();
    return found_;
  }

 private:
  void Step() {
    switch (text_[at_]) {
      case '"':
      case '\'':
        SkipString();
        return;
      case '#':
        at_ = std::min(text_.find('\n', at_), text_.size());
        return;
      case '[':
      case '{':
        if (++nested_ > kNestedBracketsMax) found_.too_deep = at_;
        break;
      case ']':
      case '}':
        if (nested_ > 0) --nested_;
        break;
      case '.':
        if (++dots_ > kDotsPerKeyMax) found_.too_deep = at_;
        break;
      case '\n':
      case '=':
      case ',':
        dots_ = 0;
        break;
      default:
        break;
    }
    ++at_;
  }

  void SkipString() {
    const std::size_t begin = at_;
    const char quote = text_[at_];
    const bool is_multi_line = IsTriple(quote);
    at_ += is_multi_line ? 3 : 1;
    const bool is_closed = is_multi_line ? SkipMultiLine(quote) : SkipSingleLine(quote);
    if (!is_closed && !found_.open_string) found_.open_string = begin;
  }

  bool SkipSingleLine(char quote) {
    while (at_ < text_.size() && text_[at_] != '\n') {
      const char c = text_[at_++];
      if (c == quote) return true;
      if (c == '\\' && quote == '"' && at_ < text_.size() && text_[at_] != '\n') ++at_;
    }
    return false;
  }

  bool SkipMultiLine(char quote) {
    while (at_ < text_.size()) {
      if (IsTriple(quote)) {
        at_ += 3;
        // Up to two quotes may stand before the closing three.
        for (int i = 0; i < 2 && at_ < text_.size() && text_[at_] == quote; ++i) ++at_;
        return true;
      }
      at_ += text_[at_] == '\\' && quote == '"' ? 2U : 1U;
    }
    at_ = text_.size();
    return false;
  }

  bool IsTriple(char quote) const {
    return text_.size() - at_ >= 3 && text_[at_] == quote && text_[at_ + 1] == quote &&
           text_[at_ + 2] == quote;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t nested_ = 0;
  std::size_t dots_ = 0;
  StructureScan found_;
};

}  // namespace

StructureScan ScanStructure(std::string_view text) { return Scanner(text).Run(); }

}  // namespace lastgood::toml
