// SPDX-License-Identifier: MIT
// One direction of the UART, as the level of a line over time. The sender puts 8N1 frames on it;
// the receiver looks for falling edges and samples in the middle of its own bit times, as a UART
// does. So a receiver at another rate than the sender's reads the garbage that a real one would.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>

#include "host/clock.h"

namespace lastgood::sim {

// How long one octet takes: start bit, eight data bits (lowest first), stop bit.
std::chrono::nanoseconds OctetTime(std::uint32_t baud);

class Wire {
 public:
  struct Reception {
    TimePoint at;  // end of the stop bit
    std::uint8_t octet = 0;
  };
  struct Edge {
    TimePoint at;
    std::uint32_t baud = 0;  // of the frame that it belongs to
  };

  // The sender. An octet starts at `now`, or when those before it have left.
  void Send(TimePoint now, std::uint8_t octet, std::uint32_t baud);
  TimePoint IdleFrom() const { return idle_from_; }
  // The sender died or was reset: the line is high from `now` on, what was queued is gone.
  void CutOff(TimePoint now);
  // Octets that have not started by `now` go out at `baud`.
  void Retime(TimePoint now, std::uint32_t baud);

  // The receiver. Everything before `at` goes unseen.
  void ListenFrom(TimePoint at);
  // The next octet that is complete by `until`. Everything that starts before `until` must have
  // been sent. An octet whose stop bit reads low is delivered all the same.
  std::optional<Reception> Receive(TimePoint until, std::uint32_t baud);
  // When Receive will next have something to look at; nullopt when the line stays idle.
  std::optional<TimePoint> NextArrival(std::uint32_t baud) const;
  // The `number`-th edge (falling or rising, from 1) since ListenFrom.
  std::optional<Edge> EdgeSinceListening(unsigned number) const;

 private:
  struct Frame {
    TimePoint start;
    TimePoint end;  // the line is high from here on
    std::uint32_t baud = 0;
    std::uint8_t octet = 0;
    bool whole = true;
  };
  struct FallingEdge {
    TimePoint at;
    const Frame* at_start_of = nullptr;  // set when it is the frame's start bit
  };

  static bool Level(const Frame& frame, unsigned bit);
  bool LevelAt(TimePoint when) const;
  std::optional<FallingEdge> FirstFallingEdge() const;
  void ForgetHeard();

  std::deque<Frame> frames_;  // in order, not overlapping
  TimePoint idle_from_{};
  TimePoint listen_from_{};
};

}  // namespace lastgood::sim
