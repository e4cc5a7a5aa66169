// SPDX-License-Identifier: MIT
// Sending to a UART somewhere else. It tells nobody when octets have left it, but its rate is known
// and it never idles while it has something, so the time can be reckoned.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"
#include "device/tcp_connection.h"
#include "host/clock.h"

namespace lastgood {

class NetworkWire {
 public:
  explicit NetworkWire(Clock& clock) : clock_(clock) {}

  // Sends `encoded`, which stands for `octets` octets on a wire of `baud`. Bounded by the time that
  // everything sent so far needs there, and 2 s.
  Result<void> Send(TcpConnection& connection, ByteSpan encoded, std::size_t octets,
                    std::uint32_t baud);
  // When everything sent has left the far UART, as far as can be known; bounded like Send.
  Result<void> Drain(const TcpConnection& connection);
  // How long whoever waits for the far end to be done with all of it should have patience.
  Deadline Patience(std::chrono::milliseconds more) const;

 private:
  Clock& clock_;
  TimePoint idle_from_{};
};

}  // namespace lastgood
