// SPDX-License-Identifier: MIT
// One end of a serial line: hears with limits, keeps what it heard, and notices when the rate is
// wrong. Every wait looks at the Interrupt at least every 100 ms; all functions fail with kBoard
// when the device is gone and with kInterrupted.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "device/serial_port.h"
#include "health/transcript.h"
#include "host/clock.h"
#include "host/interrupt.h"

namespace lastgood {

class LineListener {
 public:
  // All three must outlive the listener.
  LineListener(SerialPort& serial_port, Clock& clock, const Interrupt& interrupt)
      : serial_port_(serial_port), clock_(clock), interrupt_(interrupt) {}

  Result<void> SetRate(std::uint32_t baud);
  std::uint32_t rate() const { return rate_; }

  Result<void> Discard() { return serial_port_.DiscardInput(); }

  // In pieces that a 256-octet receive buffer without flow control survives (the ESP8266's).
  Result<void> Send(std::string_view text);

  // Returns as soon as something was heard, with its size, or 0 when `wait` has passed.
  Result<std::size_t> Hear(std::chrono::milliseconds wait);
  // Listens until nothing was heard for `quiet`, at most for `limit`; false: it never got quiet.
  Result<bool> HearUntilQuiet(std::chrono::milliseconds quiet, std::chrono::milliseconds limit);
  // Listens until `text` occurs in SinceMark(); false when `limit` has passed without.
  Result<bool> WaitFor(std::string_view text, std::chrono::milliseconds limit);
  Result<void> Pause(std::chrono::milliseconds duration);  // listens all the while

  void Mark() { since_mark_.clear(); }
  std::string_view SinceMark() const { return since_mark_; }  // its last 64 KiB

  // The last 32 characters heard at this rate are noise to a good part: who speaks now, speaks at
  // another rate.
  bool HearsNoise() const;

  const Transcript& transcript() const { return transcript_; }
  std::string_view Sent() const { return sent_; }  // the first 256 octets
  Clock& clock() { return clock_; }

 private:
  void Keep(ByteSpan heard);

  SerialPort& serial_port_;
  Clock& clock_;
  const Interrupt& interrupt_;
  std::uint32_t rate_ = 0;
  Transcript transcript_;
  std::string since_mark_;
  std::string last_heard_;  // a short tail, of this rate only
  std::string sent_;
};

}  // namespace lastgood
