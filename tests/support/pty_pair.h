// SPDX-License-Identifier: MIT
// Both ends of a wire: a pty whose slave is what a program takes for a serial device, and the
// master, which the test holds like the board would.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include <array>
#include <string>

#include "base/bytes.h"
#include "host/descriptor.h"

namespace lastgood::test {

class PtyPair {
 public:
  PtyPair() : master_(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)) {
    std::array<char, 64> name{};
    const bool made = master_ && grantpt(master_.Get()) == 0 && unlockpt(master_.Get()) == 0 &&
                      ptsname_r(master_.Get(), name.data(), name.size()) == 0;
    EXPECT_TRUE(made) << "no pty: " << ErrnoText(errno);
    path_ = name.data();
  }

  const std::string& path() const { return path_; }
  int Master() const { return master_.Get(); }

  void Send(std::string_view text) {
    EXPECT_EQ(write(master_.Get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }

  // Exactly `size` octets; fewer, and a failed expectation, when they do not come.
  std::string Receive(std::size_t size) {
    std::string received;
    while (received.size() < size) {
      pollfd waiting{master_.Get(), POLLIN, 0};
      std::array<char, 4096> chunk;
      if (poll(&waiting, 1, 10'000) <= 0) break;
      const ssize_t count =
          read(master_.Get(), chunk.data(), std::min(chunk.size(), size - received.size()));
      if (count <= 0) break;
      received.append(chunk.data(), static_cast<std::size_t>(count));
    }
    EXPECT_EQ(received.size(), size);
    return received;
  }

  // A pty hands octets over in the background: true once a reader of the device would see them.
  bool WaitUntilDelivered() const {
    const Descriptor device(open(path_.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
    pollfd waiting{device.Get(), POLLIN, 0};
    return poll(&waiting, 1, 10'000) == 1;
  }

  // The device is unplugged.
  void Vanish() { master_.Reset(); }

 private:
  Descriptor master_;
  std::string path_;
};

}  // namespace lastgood::test
