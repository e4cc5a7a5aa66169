// SPDX-License-Identifier: MIT
// The simulated board in real time: moves octets between its UART and whoever uses it from another
// process, with byte-accurate pacing at the rate that the user has set.
#pragma once

#include <poll.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "host/clock.h"
#include "host/interrupt.h"
#include "sim/lines_socket.h"
#include "sim/simulated_board.h"

namespace lastgood::sim {

// The user's end of the UART, as the pump sees it. Nothing here waits.
class UartUser {
 public:
  virtual ~UartUser() = default;

  // The rate that the user has set. It counts once everything that he sent before has left.
  virtual std::uint32_t BaudRate() = 0;

  struct Sent {
    Bytes octets;
    bool more = false;  // there is more at once, so ask again
  };
  // What the user sent, at most `size_max`. `wire_idle`: everything he sent before has left, so
  // what had to wait for that can happen.
  virtual Sent Take(std::size_t size_max, bool wire_idle) = 0;

  // Hands over what there is room for; returns how much that was.
  virtual std::size_t Give(ByteSpan octets) = 0;

  // What to wait for: the user's octets if `may_take`, room for more if `has_octets`, and whatever
  // else concerns this end.
  virtual void AddWaits(bool may_take, bool has_octets, std::vector<pollfd>& waits) const = 0;

  // After each wait: who has come, who has left, what is due. Called often.
  virtual void Attend(TimePoint now) = 0;
  // When something will be due; max() = nothing.
  virtual TimePoint NextEvent() const { return TimePoint::max(); }
};

// Pumps until `interrupt`. `lines`: nullptr = nobody drives the pins through a socket.
void PumpInRealTime(SimulatedBoard& board, UartUser& user, LinesSocket* lines, Clock& clock,
                    const Interrupt& interrupt);

}  // namespace lastgood::sim
