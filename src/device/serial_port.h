// SPDX-License-Identifier: MIT
// A serial device, 8N1, raw. The seam between lastgood and the wire.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace lastgood {

class SerialPort {
 public:
  virtual ~SerialPort() = default;

  // Waits until at least one byte is there or `timeout` has passed, then returns what is there, at
  // most buffer.size(). 0 means timeout. kBoard when the device vanished.
  virtual Result<std::size_t> Read(std::span<std::uint8_t> buffer,
                                   std::chrono::milliseconds timeout) = 0;

  // Hands all bytes to the driver; bounded by the time the bytes need at the current rate plus 2 s.
  virtual Result<void> Write(ByteSpan data) = 0;

  // Returns when everything written has left the wire; bounded like Write.
  virtual Result<void> Drain() = 0;

  // Bits per second; takes effect for bytes not yet sent or received. kBoard when the device
  // refuses it.
  virtual Result<void> SetBaudRate(std::uint32_t baud) = 0;

  // Forgets what has been received and not read.
  virtual Result<void> DiscardInput() = 0;

  virtual std::string Name() const = 0;  // for messages: "/dev/ttyAMA0"
};

}  // namespace lastgood
