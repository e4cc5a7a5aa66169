// SPDX-License-Identifier: MIT
// SLIP framing (protocol reference, section 1).
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

#include "base/bytes.h"

namespace lastgood {

// `payload` between its delimiters, escaped.
Bytes SlipFrame(ByteSpan payload);
std::size_t SlipFrameSize(ByteSpan payload);

// Takes what the wire brings, in pieces of any size. A delimiter ends whatever stands before it and
// opens what follows, so that one stray delimiter never costs a frame. Octets outside frames (boot
// text), frames longer than `frame_max` and those with a broken escape are noise, kept for
// diagnosis up to `noise_max` octets.
class SlipDecoder {
 public:
  SlipDecoder(std::size_t frame_max, std::size_t noise_max)
      : frame_max_(frame_max), noise_max_(noise_max) {}

  void Feed(ByteSpan octets);
  std::optional<Bytes> NextFrame();

  // For frames that mean nothing to the layer above.
  void AddNoise(ByteSpan octets);
  // Everything that was no frame so far, an unfinished one included.
  Bytes Noise() const;
  // Forgets octets, frames and noise.
  void Clear();

 private:
  void Push(std::uint8_t octet);
  void EndFrame();

  std::size_t frame_max_;
  std::size_t noise_max_;
  bool in_frame_ = false;
  Bytes raw_;  // of the unfinished frame, still escaped
  std::deque<Bytes> frames_;
  Bytes noise_;
};

}  // namespace lastgood
