// SPDX-License-Identifier: MIT
// The host's end of the wires: moves the board along with the clock and collects what arrives.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "base/bytes.h"
#include "device/board_lines.h"
#include "device/serial_port.h"
#include "host/clock.h"
#include "sim/chip_model.h"
#include "sim/faults.h"
#include "sim/flash_chip.h"

namespace lastgood::sim {

class HostSide {
 public:
  HostSide(const BoardOptions& options, Clock& clock, std::unique_ptr<FlashChip> flash,
           std::unique_ptr<Console> console);

  // Moves the board to now.
  void Advance();
  void SetBaudRate(std::uint32_t baud);  // of the receiver; also of octets that wait to be sent
  void Send(ByteSpan octets, std::uint32_t baud);
  // The serial device is pulled out now, once (fault vanish-after).
  bool DeviceVanishes() { return faults_.DeviceVanishes(octets_sent_); }
  // When the board will do something, or an octet arrives here.
  TimePoint NextEvent() const;
  // When an octet that is on its way will have arrived.
  std::optional<TimePoint> NextArrival() const;

  Clock& clock() { return clock_; }
  FlashChip& flash() { return *flash_; }
  ChipModel& chip() { return chip_; }
  Bytes& received() { return received_; }
  std::uint32_t baud() const { return baud_; }

 private:
  Clock& clock_;
  const bool rx_cut_;
  const bool tx_cut_;
  const bool joined_;
  std::unique_ptr<FlashChip> flash_;
  ChipModel chip_;
  Faults faults_;  // of the wire's host end
  std::uint64_t octets_sent_ = 0;
  std::uint32_t baud_;
  Bytes received_;
};

std::unique_ptr<SerialPort> MakeSimulatedSerialPort(HostSide& host);
std::unique_ptr<BoardLines> MakeSimulatedLines(HostSide& host);

}  // namespace lastgood::sim
