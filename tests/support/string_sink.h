// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "report/output_sink.h"

namespace lastgood::test {

// Keeps what was written, and how often.
class StringSink final : public OutputSink {
 public:
  void Write(std::string_view text) override {
    text_ += text;
    ++writes_;
  }
  const std::string& text() const { return text_; }
  int writes() const { return writes_; }
  // What was written since the last call.
  std::string Take() { return std::exchange(text_, {}); }

 private:
  std::string text_;
  int writes_ = 0;
};

}  // namespace lastgood::test
