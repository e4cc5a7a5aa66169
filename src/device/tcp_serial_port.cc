// SPDX-License-Identifier: MIT
#include "device/tcp_serial_port.h"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace lastgood {
namespace {

using std::chrono::milliseconds;

constexpr std::uint32_t kBaud = 115200;
// As much as a driver would keep; a peer that never stops sending is heard again after that.
constexpr std::size_t kDiscardMax = 65536;

}  // namespace

Result<std::unique_ptr<TcpSerialPort>> TcpSerialPort::Open(const std::string& name,
                                                           const NetworkSerialName& address,
                                                           Clock& clock) {
  TRY(TcpConnection connection, TcpConnection::Open(name, address, clock));
  return std::unique_ptr<TcpSerialPort>(new TcpSerialPort(std::move(connection), clock));
}

Result<std::size_t> TcpSerialPort::Read(std::span<std::uint8_t> buffer, milliseconds timeout) {
  return connection_.Receive(buffer, Deadline(clock_, timeout));
}

Result<void> TcpSerialPort::Write(ByteSpan data) {
  return wire_.Send(connection_, data, data.size(), kBaud);
}

Result<void> TcpSerialPort::Drain() { return wire_.Drain(connection_); }

Result<void> TcpSerialPort::SetBaudRate(std::uint32_t baud) {
  if (baud == kBaud) return {};
  return Fail(ExitCode::kBoard,
              fmt::format("serial device '{}' cannot be set to {} baud: plain TCP carries no rate",
                          Name(), baud),
              "let its server speak RFC 2217, and write rfc2217:// instead of tcp://");
}

Result<void> TcpSerialPort::DiscardInput() {
  std::array<std::uint8_t, 4096> old;
  const Deadline at_once(clock_, milliseconds(0));
  for (std::size_t total = 0; total < kDiscardMax;) {
    TRY(const std::size_t count, connection_.Receive(old, at_once));
    if (count == 0) break;
    total += count;
  }
  return {};
}

}  // namespace lastgood
