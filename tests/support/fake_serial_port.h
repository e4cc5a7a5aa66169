// SPDX-License-Identifier: MIT
// A serial port whose other end is a function: what it returns for what was written arrives a while
// later, on the test's clock. Waiting moves that clock, so nothing really waits.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "device/serial_port.h"
#include "host/clock.h"

namespace lastgood::test {

class FakeSerialPort final : public SerialPort {
 public:
  explicit FakeSerialPort(Clock& clock) : clock_(clock) {}

  // Called with every chunk that is written; what it returns arrives `answer_delay` later.
  std::function<Bytes(ByteSpan)> on_write;
  std::chrono::microseconds answer_delay{1000};

  // Octets that arrive by themselves, `delay` from now.
  void Arrive(Bytes octets, std::chrono::microseconds delay = std::chrono::microseconds(0));
  // From now on every call fails, as after a USB adapter was pulled.
  void Vanish() { vanished_ = true; }
  // SetBaudRate fails for this rate.
  void RefuseBaudRate(std::uint32_t baud) { refused_baud_ = baud; }

  Bytes written;                          // everything, for assertions
  std::vector<std::uint32_t> baud_rates;  // as they were set
  int discards = 0;

  Result<std::size_t> Read(std::span<std::uint8_t> buffer,
                           std::chrono::milliseconds timeout) override;
  Result<void> Write(ByteSpan data) override;
  Result<void> Drain() override;
  Result<void> SetBaudRate(std::uint32_t baud) override;
  Result<void> DiscardInput() override;
  std::string Name() const override { return "/dev/fake"; }

 private:
  struct Arrival {
    TimePoint when;
    Bytes octets;
  };
  Result<void> CheckThere() const;

  Clock& clock_;
  std::deque<Arrival> arrivals_;  // in order of time
  bool vanished_ = false;
  std::optional<std::uint32_t> refused_baud_;
};

}  // namespace lastgood::test
