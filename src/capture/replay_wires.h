// SPDX-License-Identifier: MIT
// A board that says again what a capture heard: each answer only once what was asked before it has
// been asked again, and as long after that as then. Whoever does the same as the recorded one does
// it all again; whoever does something else is told so.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string>

#include "capture/wire_event.h"
#include "device/board_lines.h"
#include "device/serial_port.h"
#include "host/clock.h"

namespace lastgood {

// What the host did is a step of the replay; what the board said between two steps may be heard as
// soon as the first has been done, and is there at the latest when the second is done.
class ReplayScript {
 public:
  // Both must outlive it. The first time that counts is that of the first event.
  ReplayScript(std::span<const WireEvent> events, Clock& clock);

  std::size_t Hear(std::span<std::uint8_t> buffer, std::chrono::milliseconds timeout);
  // kBoard when the recorded host did something else at this place, or nothing any more.
  Result<void> Send(ByteSpan data);
  // kBoard when the capture has another rate here, or none: the device refused this one then, which
  // is no divergence.
  Result<void> SetRate(std::uint32_t baud);
  Result<void> Reset(bool to_download);

  Clock& clock() { return clock_; }
  // Where it went another way than the capture: "at 3.200 s …"; nullopt: nowhere yet.
  const std::optional<std::string>& divergence() const { return divergence_; }

 private:
  // Where the next step is; what was heard before it is there now.
  Result<const WireEvent*> TakeStep(const WireEvent& now);
  bool SaysNext();  // the next event that counts is the board's
  void TakeHeard();
  TimePoint DueAt(const WireEvent& event) const { return step_now_ + (event.at - step_then_); }
  void Done();
  tl::unexpected<Error> Diverge(const WireEvent& now, const WireEvent* then);

  std::span<const WireEvent> events_;
  Clock& clock_;
  std::size_t next_ = 0;
  std::size_t sent_ = 0;                    // octets of the next step that have been sent already
  Bytes there_;                             // heard, to be read
  std::size_t taken_ = 0;                   // octets of it that have been read
  TimePoint step_now_;                      // the last step, by the clock
  std::chrono::microseconds step_then_{0};  // and by the capture
  std::optional<std::string> divergence_;
};

// The two ends of its wires. `script` must outlive them.
class ReplaySerialPort final : public SerialPort {
 public:
  explicit ReplaySerialPort(ReplayScript& script) : script_(script) {}
  Result<std::size_t> Read(std::span<std::uint8_t> buffer,
                           std::chrono::milliseconds timeout) override;
  Result<void> Write(ByteSpan data) override;
  Result<void> Drain() override;
  Result<void> SetBaudRate(std::uint32_t baud) override;
  Result<void> DiscardInput() override { return {}; }  // what was discarded is in no capture
  std::string Name() const override { return "the capture"; }

 private:
  ReplayScript& script_;
  std::uint32_t baud_ = 115200;
  TimePoint sent_at_{};  // when the last octet has left the wire
};

class ReplayLines final : public BoardLines {
 public:
  // `mover`: who moved the recorded lines.
  ReplayLines(ReplayScript& script, LinesMover mover) : script_(script), mover_(mover) {}
  Result<void> Reset(BoardMode mode, int patience) override;
  LinesMover MovedBy() const override { return mover_; }
  std::string Name() const override { return "the capture's lines"; }

 private:
  ReplayScript& script_;
  LinesMover mover_;
};

}  // namespace lastgood
