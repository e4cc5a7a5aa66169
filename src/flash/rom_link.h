// SPDX-License-Identifier: MIT
// One request and its reply at a time over a serial port, and what else was heard meanwhile.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/result.h"
#include "device/serial_port.h"
#include "flash/rom_protocol.h"
#include "flash/slip.h"
#include "host/clock.h"
#include "host/interrupt.h"

namespace lastgood {

// Protocol reference, section 10.
inline constexpr std::chrono::milliseconds kReplyTimeout{3000};
inline constexpr std::chrono::milliseconds kSyncTimeout{100};

class RomLink {
 public:
  RomLink(SerialPort& serial_port, Clock& clock, std::uint32_t baud, const Interrupt& interrupt);

  // Sends `request` and waits for its answer, `timeout` from when it has left the wire. nullopt:
  // none came. Frames that answer something else are skipped, a bounded number of them. Fails only
  // when the port does or on an interrupt.
  Result<std::optional<RomReply>> Exchange(const RomRequest& request,
                                           std::chrono::milliseconds timeout);

  // Asks for life: up to `tries` SYNCs, then swallows what is left of their many replies. True: the
  // ROM loader answers. A ROM that was just reset takes its rate from the first frame and loses it,
  // so two are sent at first.
  Result<bool> Synchronise(int tries);

  // Reads until the line is quiet.
  Result<void> Settle();

  // What was heard since the last Forget(), for diagnosis.
  Bytes Noise() const { return decoder_.Noise(); }
  bool heard_own_frames() const { return heard_own_frames_; }
  bool heard_stub() const { return heard_stub_; }
  // Starts afresh, with what the port still holds dropped too.
  Result<void> Forget();

  std::uint32_t baud() const { return baud_; }
  SerialPort& serial_port() { return serial_port_; }
  Clock& clock() { return clock_; }
  const Interrupt& interrupt() const { return interrupt_; }

 private:
  Result<void> Send(const RomRequest& request, int copies);
  Result<std::optional<RomReply>> Await(RomOpcode opcode, std::chrono::milliseconds timeout);
  std::optional<RomReply> NextReply();
  Result<std::size_t> ReadSome(std::chrono::milliseconds timeout);
  std::chrono::milliseconds WireTime(std::size_t octets) const;

  SerialPort& serial_port_;
  Clock& clock_;
  std::uint32_t baud_;
  const Interrupt& interrupt_;
  SlipDecoder decoder_;
  bool heard_own_frames_ = false;
  bool heard_stub_ = false;
};

}  // namespace lastgood
