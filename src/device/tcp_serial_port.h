// SPDX-License-Identifier: MIT
// tcp://HOST:TCP_PORT: a serial device whose octets come and go over a TCP connection, and nothing
// else. Its rate is set at the other end; it is taken to be 115200, and cannot be changed from
// here.
#pragma once

#include <memory>
#include <string>

#include "device/network_wire.h"
#include "device/serial_port.h"
#include "device/tcp_connection.h"
#include "host/clock.h"

namespace lastgood {

class TcpSerialPort final : public SerialPort {
 public:
  // Errors as TcpConnection::Open. `clock` must outlive the port, and be one that follows real
  // time.
  static Result<std::unique_ptr<TcpSerialPort>> Open(const std::string& name,
                                                     const NetworkSerialName& address,
                                                     Clock& clock);

  Result<std::size_t> Read(std::span<std::uint8_t> buffer,
                           std::chrono::milliseconds timeout) override;
  Result<void> Write(ByteSpan data) override;
  Result<void> Drain() override;
  Result<void> SetBaudRate(std::uint32_t baud) override;
  // What is still on its way through the network comes all the same.
  Result<void> DiscardInput() override;
  std::string Name() const override { return connection_.name(); }

 private:
  TcpSerialPort(TcpConnection connection, Clock& clock)
      : connection_(std::move(connection)), clock_(clock), wire_(clock) {}

  TcpConnection connection_;
  Clock& clock_;
  NetworkWire wire_;
};

}  // namespace lastgood
