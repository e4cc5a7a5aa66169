// SPDX-License-Identifier: MIT
// Octets through a terminal device that is open already, whoever opened it: what every SerialPort
// on this host shares.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "device/serial_device_claim.h"
#include "host/clock.h"

namespace lastgood {

class TtyStream {
 public:
  // Claims the device for this process, then makes it raw at 115200 baud, 8N1, without flow
  // control, and discards old input. DTR and RTS are not touched. Opened with O_NONBLOCK, the
  // device stays the caller's, and must outlive the stream like `clock`, which follows real time.
  // `path` is free of links. Errors as TermiosSerialPort::Open.
  static Result<TtyStream> Make(int device, const std::filesystem::path& path, Clock& clock);

  // As those of SerialPort and ModemControl.
  Result<std::size_t> Read(std::span<std::uint8_t> buffer, std::chrono::milliseconds timeout);
  Result<void> Write(ByteSpan data);
  Result<void> Drain();
  Result<void> SetBaudRate(std::uint32_t baud);
  Result<void> DiscardInput();
  Result<void> SetModemLines(bool dtr, bool rts);
  const std::string& Name() const { return name_; }

 private:
  TtyStream(int device, SerialDeviceClaim claim, std::string name, Clock& clock)
      : device_(device), claim_(std::move(claim)), name_(std::move(name)), clock_(&clock) {}
  tl::unexpected<Error> FailOn(std::string_view action, int error) const;
  // Time that `count` octets need on the wire, and 2 s for the driver.
  std::chrono::milliseconds WireTime(std::size_t count) const;
  Result<void> WaitWritable(const Deadline& deadline, std::size_t done, std::size_t total);

  int device_;
  SerialDeviceClaim claim_;
  std::string name_;
  Clock* clock_;
  std::uint32_t baud_ = 0;
};

}  // namespace lastgood
