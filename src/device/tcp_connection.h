// SPDX-License-Identifier: MIT
// A TCP connection to what stands for a serial device. Nothing is kept back for larger packets, a
// peer that has died is noticed, and no call waits beyond its deadline.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "device/network_serial_name.h"
#include "host/clock.h"
#include "host/descriptor.h"

namespace lastgood {

class TcpConnection {
 public:
  // Looks the host up and tries its addresses in turn, within 5 s in all. `name` is what messages
  // call the device. kBoard when nobody answers.
  static Result<TcpConnection> Open(std::string name, const NetworkSerialName& address,
                                    Clock& clock);

  // What is there, at most buffer.size(), after waiting for the first octet; 0 = the deadline has
  // passed, or a signal cut the wait short. Octets that came before the peer hung up are handed out
  // first. kBoard when it did, or vanished.
  Result<std::size_t> Receive(std::span<std::uint8_t> buffer, const Deadline& deadline);
  // All of `data`. kBoard when the peer does not take it in time, or vanished.
  Result<void> Send(ByteSpan data, const Deadline& deadline);
  // Octets that have not been put on the network yet, because the peer takes no more.
  Result<std::size_t> Unsent() const;

  const std::string& name() const { return name_; }

 private:
  TcpConnection(std::string name, Descriptor socket)
      : name_(std::move(name)), socket_(std::move(socket)) {}
  tl::unexpected<Error> FailOn(std::string_view action, int error) const;

  std::string name_;
  Descriptor socket_;
};

}  // namespace lastgood
