// SPDX-License-Identifier: MIT
// One request and its reply at a time over a serial port, and what else was heard meanwhile.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/result.h"
#include "device/serial_port.h"
#include "flash/loader_protocol.h"
#include "flash/slip.h"
#include "host/clock.h"
#include "host/interrupt.h"

namespace lastgood {

// Protocol reference, section 10.
inline constexpr std::chrono::milliseconds kReplyTimeout{3000};
inline constexpr std::chrono::milliseconds kSyncTimeout{100};

// Who answered a SYNC.
enum class Answerer { kNobody, kRom, kStub };

class LoaderLink {
 public:
  LoaderLink(SerialPort& serial_port, Clock& clock, std::uint32_t baud, const Interrupt& interrupt);

  // Sends `request` and waits for its answer, `timeout` from when it has left the wire. nullopt:
  // none came. Frames that answer something else are skipped, a bounded number of them. Fails only
  // when the port does or on an interrupt.
  Result<std::optional<LoaderReply>> Exchange(const LoaderRequest& request,
                                              std::chrono::milliseconds timeout);

  // The two halves of Exchange, so that a next request can be made ready meanwhile. `framed`:
  // SlipFrame() of an encoded request.
  Result<void> Post(ByteSpan framed);
  Result<std::optional<LoaderReply>> Await(LoaderOpcode opcode, std::chrono::milliseconds timeout);
  std::chrono::milliseconds WireTime(std::size_t octets) const;

  // The next frame that is no reply: what a stub says by itself. nullopt: none came. Replies are
  // skipped.
  Result<std::optional<Bytes>> AwaitFrame(std::chrono::milliseconds timeout);

  // Asks for life: up to `tries` SYNCs, then swallows the rest of the eight replies. A ROM that was
  // just reset takes its rate from the first frame and loses it, so two are sent at first.
  Result<Answerer> Synchronise(int tries);

  // For what is sent from now on; the port's rate too.
  Result<void> SetBaudRate(std::uint32_t baud);

  // Reads until the line is quiet.
  Result<void> Settle();

  // What was heard since the last Forget(), for diagnosis.
  Bytes Noise() const { return decoder_.Noise(); }
  bool heard_own_frames() const { return heard_own_frames_; }
  bool heard_stub() const { return heard_stub_; }
  std::uint64_t octets_sent() const { return octets_sent_; }
  // Starts afresh, with what the port still holds dropped too.
  Result<void> Forget();

  std::uint32_t baud() const { return baud_; }
  SerialPort& serial_port() { return serial_port_; }
  Clock& clock() { return clock_; }
  const Interrupt& interrupt() const { return interrupt_; }

 private:
  Result<void> SwallowSyncReplies();
  std::optional<LoaderReply> NextReply();
  Result<std::size_t> ReadSome(std::chrono::milliseconds timeout);

  SerialPort& serial_port_;
  Clock& clock_;
  std::uint32_t baud_;
  const Interrupt& interrupt_;
  SlipDecoder decoder_;
  bool heard_own_frames_ = false;
  bool heard_stub_ = false;
  std::uint64_t octets_sent_ = 0;
};

}  // namespace lastgood
