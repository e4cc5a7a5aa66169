// SPDX-License-Identifier: MIT
#include "flash/slip.h"

#include <algorithm>
#include <utility>

namespace lastgood {
namespace {

constexpr std::uint8_t kDelimiter = 0xC0;
constexpr std::uint8_t kEscape = 0xDB;
constexpr std::uint8_t kEscapedDelimiter = 0xDC;
constexpr std::uint8_t kEscapedEscape = 0xDD;

std::optional<Bytes> Unescape(ByteSpan raw) {
  Bytes payload;
  payload.reserve(raw.size());
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] != kEscape) {
      payload.push_back(raw[i]);
      continue;
    }
    if (++i == raw.size()) return std::nullopt;
    if (raw[i] != kEscapedDelimiter && raw[i] != kEscapedEscape) return std::nullopt;
    payload.push_back(raw[i] == kEscapedDelimiter ? kDelimiter : kEscape);
  }
  return payload;
}

}  // namespace

Bytes SlipFrame(ByteSpan payload) {
  Bytes frame;
  frame.reserve(SlipFrameSize(payload));
  frame.push_back(kDelimiter);
  for (const std::uint8_t octet : payload) {
    if (octet == kDelimiter || octet == kEscape) {
      frame.push_back(kEscape);
      frame.push_back(octet == kDelimiter ? kEscapedDelimiter : kEscapedEscape);
    } else {
      frame.push_back(octet);
    }
  }
  frame.push_back(kDelimiter);
  return frame;
}

std::size_t SlipFrameSize(ByteSpan payload) {
  const auto escaped = std::count_if(payload.begin(), payload.end(), [](std::uint8_t octet) {
    return octet == kDelimiter || octet == kEscape;
  });
  return payload.size() + static_cast<std::size_t>(escaped) + 2;
}

void SlipDecoder::Feed(ByteSpan octets) {
  for (const std::uint8_t octet : octets) Push(octet);
}

void SlipDecoder::Push(std::uint8_t octet) {
  if (octet == kDelimiter) {
    EndFrame();
  } else if (!in_frame_) {
    AddNoise(ByteSpan(&octet, 1));
  } else if (raw_.size() < frame_max_) {
    raw_.push_back(octet);
  } else {
    AddNoise(raw_);
    AddNoise(ByteSpan(&octet, 1));
    raw_.clear();
    in_frame_ = false;
  }
}

void SlipDecoder::EndFrame() {
  if (!raw_.empty()) {
    if (std::optional<Bytes> payload = Unescape(raw_)) {
      frames_.push_back(*std::move(payload));
    } else {
      AddNoise(raw_);
    }
    raw_.clear();
  }
  in_frame_ = true;
}

std::optional<Bytes> SlipDecoder::NextFrame() {
  if (frames_.empty()) return std::nullopt;
  Bytes frame = std::move(frames_.front());
  frames_.pop_front();
  return frame;
}

void SlipDecoder::AddNoise(ByteSpan octets) {
  const std::size_t room = noise_max_ - noise_.size();
  Append(noise_, octets.first(std::min(room, octets.size())));
}

Bytes SlipDecoder::Noise() const {
  Bytes noise = noise_;
  Append(noise, raw_);
  return noise;
}

void SlipDecoder::Clear() {
  in_frame_ = false;
  raw_.clear();
  frames_.clear();
  noise_.clear();
}

}  // namespace lastgood
