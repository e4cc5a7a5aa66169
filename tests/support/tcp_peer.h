// SPDX-License-Identifier: MIT
// The other end of a TCP connection, in the hands of the test: something that listens on a free TCP
// port of this machine and talks to whoever connects.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "host/descriptor.h"

namespace lastgood::test {

class TcpPeer {
 public:
  TcpPeer() : listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(bind(listener_.Get(), generic, size), 0);
    EXPECT_EQ(listen(listener_.Get(), 4), 0);
    EXPECT_EQ(getsockname(listener_.Get(), generic, &size), 0);
    tcp_port_ = ntohs(address.sin_port);
  }

  std::uint16_t tcp_port() const { return tcp_port_; }
  std::string Name(const std::string& scheme) const {
    return scheme + "://127.0.0.1:" + std::to_string(tcp_port_);
  }

  void Accept() { client_ = Descriptor(accept(listener_.Get(), nullptr, nullptr)); }
  void Send(ByteSpan octets) {
    EXPECT_EQ(send(client_.Get(), octets.data(), octets.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(octets.size()));
  }
  // What comes next, at most 4096 octets; empty when the client has left or says nothing.
  Bytes Receive() {
    pollfd waiting{client_.Get(), POLLIN, 0};
    if (poll(&waiting, 1, 10'000) != 1) return {};
    Bytes chunk(4096);
    const ssize_t count = recv(client_.Get(), chunk.data(), chunk.size(), 0);
    chunk.resize(static_cast<std::size_t>(count > 0 ? count : 0));
    return chunk;
  }
  Bytes Receive(std::size_t size) {
    Bytes received;
    while (received.size() < size) {
      const Bytes chunk = Receive();
      if (chunk.empty()) break;
      Append(received, chunk);
    }
    EXPECT_EQ(received.size(), size);
    return received;
  }

  void HangUp() { client_.Reset(); }
  // Without good-bye, as when the other host's power fails and it comes back.
  void Crash() {
    const linger at_once{1, 0};
    setsockopt(client_.Get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    client_.Reset();
  }
  // From now on connecting is refused.
  void StopListening() { listener_.Reset(); }

 private:
  Descriptor listener_;
  Descriptor client_;
  std::uint16_t tcp_port_ = 0;
};

}  // namespace lastgood::test
