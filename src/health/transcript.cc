// SPDX-License-Identifier: MIT
#include "health/transcript.h"

#include <fmt/core.h>

#include <algorithm>

namespace lastgood {
namespace {

constexpr std::size_t kHeadMax = 16 * 1024;
constexpr std::size_t kNoteMax = 64;
constexpr std::size_t kTailMax = Transcript::kSizeMax - kHeadMax - kNoteMax;

}  // namespace

void Transcript::Add(ByteSpan heard) {
  total_ += heard.size();
  const std::size_t to_head = std::min(heard.size(), kHeadMax - head_.size());
  Append(head_, heard.first(to_head));
  const ByteSpan rest = heard.subspan(to_head);
  tail_.insert(tail_.end(), rest.begin(), rest.end());
  if (tail_.size() > kTailMax)
    tail_.erase(tail_.begin(), tail_.end() - static_cast<std::ptrdiff_t>(kTailMax));
}

Bytes Transcript::Text() const {
  Bytes text = head_;
  const std::size_t left_out = total_ - head_.size() - tail_.size();
  if (left_out > 0) Append(text, AsBytes(fmt::format("\n[{} octets left out]\n", left_out)));
  text.insert(text.end(), tail_.begin(), tail_.end());
  return text;
}

}  // namespace lastgood
