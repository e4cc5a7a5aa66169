// SPDX-License-Identifier: MIT
// Everything heard on a line, in bounded memory: the beginning (how the board started) and the end
// (what it did last) are kept, a flood in between is left out and said so.
#pragma once

#include <cstddef>
#include <deque>

#include "base/bytes.h"

namespace lastgood {

class Transcript {
 public:
  static constexpr std::size_t kSizeMax = 64 * 1024;

  void Add(ByteSpan heard);
  std::size_t total() const { return total_; }  // octets heard, kept or not
  Bytes Text() const;                           // at most kSizeMax

 private:
  Bytes head_;
  std::deque<std::uint8_t> tail_;
  std::size_t total_ = 0;
};

}  // namespace lastgood
