// SPDX-License-Identifier: MIT
// Two real UARTs whose wires are crossed: one for the product, one that plays the board.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/ioctl.h>

#include <memory>
#include <string>

#include "device/libserialport_serial_port.h"
#include "device/open_serial_port.h"
#include "host/clock.h"
#include "host/descriptor.h"

namespace lastgood::test {

struct UartPair {
  const char* host;
  const char* board;
};
inline constexpr UartPair kIsaUarts{"/dev/ttyS1", "/dev/ttyS2"};
inline constexpr UartPair kPciUarts{"/dev/ttyS4", "/dev/ttyS5"};

// Fails the test, rather than skip it, where there is none.
inline std::unique_ptr<SerialPort> OpenUart(const char* path, Clock& clock) {
  auto opened = OpenSerialPort(path, clock);
  if (!opened) {
    ADD_FAILURE() << opened.error().message << ": run this in a machine with crossed UARTs";
    return nullptr;
  }
  EXPECT_NE(dynamic_cast<LibserialportSerialPort*>(opened->get()), nullptr)
      << path << " was not opened by libserialport";
  return *std::move(opened);
}

// A second look at an open device, as the exclusive lock leaves it to root alone.
class UartProbe {
 public:
  explicit UartProbe(const char* path)
      : device_(open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)) {
    EXPECT_TRUE(device_) << path << ": " << ErrnoText(errno);
  }

  int Get() const { return device_.Get(); }

  // Bounded. Octets that have arrived and not been read.
  bool WaitUntilArrived(int count) const {
    constexpr int kTries = 10'000;
    for (int i = 0; i < kTries; ++i) {
      int arrived = 0;
      if (ioctl(device_.Get(), FIONREAD, &arrived) == 0 && arrived >= count) return true;
      poll(nullptr, 0, 1);
    }
    return false;
  }

  int ModemLines() const {
    int lines = 0;
    EXPECT_EQ(ioctl(device_.Get(), TIOCMGET, &lines), 0);
    return lines & (TIOCM_DTR | TIOCM_RTS);
  }

 private:
  Descriptor device_;
};

}  // namespace lastgood::test
