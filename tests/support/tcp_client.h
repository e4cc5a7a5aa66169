// SPDX-License-Identifier: MIT
// A TCP client in the hands of the test: octets out, octets in.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <string>

#include "base/bytes.h"
#include "host/descriptor.h"

namespace lastgood::test {

class TcpClient {
 public:
  explicit TcpClient(const std::string& tcp_port)
      : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(tcp_port)));
    EXPECT_EQ(connect(socket_.Get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0)
        << ErrnoText(errno);
  }

  void Send(ByteSpan octets) {
    EXPECT_EQ(send(socket_.Get(), octets.data(), octets.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(octets.size()));
  }

  // Whether `wanted` comes, among whatever else does, before far too much time has passed. What
  // stands behind it stays for the next call.
  bool Hears(const Bytes& wanted, int patience_ms = 20'000) {
    for (;;) {
      const auto found = std::search(heard_.begin(), heard_.end(), wanted.begin(), wanted.end());
      if (found != heard_.end()) {
        heard_.erase(heard_.begin(), found + static_cast<std::ptrdiff_t>(wanted.size()));
        return true;
      }
      pollfd waiting{socket_.Get(), POLLIN, 0};
      if (poll(&waiting, 1, patience_ms) != 1) return false;
      Bytes chunk(4096);
      const ssize_t count = recv(socket_.Get(), chunk.data(), chunk.size(), 0);
      if (count <= 0) return false;
      chunk.resize(static_cast<std::size_t>(count));
      Append(heard_, chunk);
    }
  }
  bool Hears(std::string_view text) { return Hears(ToBytes(text)); }

  void HangUp() { socket_.Reset(); }

 private:
  Descriptor socket_;
  Bytes heard_;
};

}  // namespace lastgood::test
