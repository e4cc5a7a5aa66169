// SPDX-License-Identifier: MIT
#include "sim/slip.h"

#include <utility>

namespace lastgood::sim {
namespace {

constexpr std::uint8_t kEnd = 0xC0;
constexpr std::uint8_t kEscape = 0xDB;
constexpr std::uint8_t kEscapedEnd = 0xDC;
constexpr std::uint8_t kEscapedEscape = 0xDD;

}  // namespace

void AppendSlipFrame(Bytes& out, ByteSpan payload) {
  out.push_back(kEnd);
  for (const std::uint8_t octet : payload) {
    if (octet == kEnd) {
      Append(out, Bytes{kEscape, kEscapedEnd});
    } else if (octet == kEscape) {
      Append(out, Bytes{kEscape, kEscapedEscape});
    } else {
      out.push_back(octet);
    }
  }
  out.push_back(kEnd);
}

void SlipReceiver::Reset() {
  state_ = State::kOutside;
  payload_.clear();
}

void SlipReceiver::Take(std::uint8_t octet) {
  if (payload_.size() < payload_max_) {
    payload_.push_back(octet);
  } else {
    Reset();
  }
}

std::optional<Bytes> SlipReceiver::Receive(std::uint8_t octet) {
  if (octet == kEnd) {
    // An empty frame is an opener seen twice. An end within an escape spoils the frame before it
    // and opens the next.
    const bool complete = state_ == State::kInside && !payload_.empty();
    std::optional<Bytes> frame;
    if (complete) frame = std::exchange(payload_, {});
    state_ = complete ? State::kOutside : State::kInside;
    payload_.clear();
    return frame;
  }
  if (state_ == State::kOutside) return std::nullopt;
  if (state_ == State::kEscape) {
    state_ = State::kInside;
    if (octet == kEscapedEnd) {
      Take(kEnd);
    } else if (octet == kEscapedEscape) {
      Take(kEscape);
    } else {
      Reset();
    }
  } else if (octet == kEscape) {
    state_ = State::kEscape;
  } else {
    Take(octet);
  }
  return std::nullopt;
}

}  // namespace lastgood::sim
