// SPDX-License-Identifier: MIT
// Framing of the download protocol as the chip's side does it (protocol reference, section 1).
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"

namespace lastgood::sim {

void AppendSlipFrame(Bytes& out, ByteSpan payload);

class SlipReceiver {
 public:
  // A longer frame is dropped whole.
  explicit SlipReceiver(std::size_t payload_max) : payload_max_(payload_max) {}

  void Reset();
  // The payload of the frame that `octet` completes.
  std::optional<Bytes> Receive(std::uint8_t octet);

 private:
  enum class State { kOutside, kInside, kEscape };

  void Take(std::uint8_t octet);

  std::size_t payload_max_;
  State state_ = State::kOutside;
  Bytes payload_;
};

}  // namespace lastgood::sim
