// SPDX-License-Identifier: MIT
// What every SerialPort promises, whatever is at the other end: a typed suite over wires, for the
// programs that have some.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <span>

#include "device/serial_port.h"

namespace lastgood::test {

inline constexpr std::chrono::milliseconds kWireLong{10'000};

// A port, and something at its other end that can be made to talk.
class Wire {
 public:
  virtual ~Wire() = default;
  virtual SerialPort& Port() = 0;
  virtual void Provoke() = 0;  // at least 16 octets are on their way
  virtual void Settle() = 0;   // they have arrived
  virtual bool HasRates() const { return true; }
};

template <class T>
class SerialPortContract : public testing::Test {
 protected:
  SerialPort& port() { return wire_.Port(); }
  T wire_;
};

TYPED_TEST_SUITE_P(SerialPortContract);

TYPED_TEST_P(SerialPortContract, HasANameForMessages) { EXPECT_NE(this->port().Name(), ""); }

TYPED_TEST_P(SerialPortContract, SilenceIsATimeoutAndReadsNothing) {
  std::array<std::uint8_t, 16> buffer{};
  for (const std::chrono::milliseconds timeout :
       {std::chrono::milliseconds(0), std::chrono::milliseconds(5)}) {
    const auto count = this->port().Read(buffer, timeout);
    ASSERT_TRUE(count) << count.error().message;
    EXPECT_EQ(*count, 0U);
  }
}

TYPED_TEST_P(SerialPortContract, ReadWaitsForWhatIsOnItsWay) {
  this->wire_.Provoke();
  std::array<std::uint8_t, 16> buffer{};
  std::size_t total = 0;
  while (total < buffer.size()) {
    const auto count = this->port().Read(std::span(buffer).subspan(total), kWireLong);
    ASSERT_TRUE(count) << count.error().message;
    ASSERT_GT(*count, 0U);
    ASSERT_LE(*count, buffer.size() - total);
    total += *count;
  }
}

TYPED_TEST_P(SerialPortContract, ReadNeverReturnsMoreThanTheBufferHolds) {
  this->wire_.Provoke();
  std::array<std::uint8_t, 3> buffer{0xa5, 0xa5, 0xa5};
  for (int i = 0; i < 16; ++i) {
    ASSERT_EQ(*this->port().Read(std::span(buffer).first(1), kWireLong), 1U);
    EXPECT_EQ(buffer[1], 0xa5) << "written past the end";
  }
}

TYPED_TEST_P(SerialPortContract, DiscardedInputDoesNotComeBack) {
  this->wire_.Provoke();
  this->wire_.Settle();
  ASSERT_TRUE(this->port().DiscardInput());
  std::array<std::uint8_t, 16> buffer{};
  EXPECT_EQ(*this->port().Read(buffer, std::chrono::milliseconds(0)), 0U);
}

TYPED_TEST_P(SerialPortContract, WhatIsWrittenDrains) {
  ASSERT_TRUE(this->port().Drain());
  ASSERT_TRUE(this->port().Write({}));
  ASSERT_TRUE(this->port().Write(Bytes(512, 0x55)));
  EXPECT_TRUE(this->port().Drain());
  EXPECT_TRUE(this->port().Drain());
}

TYPED_TEST_P(SerialPortContract, RatesOfBootLogAndLoaderAreTaken) {
  for (const std::uint32_t baud : {74880U, 115200U, 230400U, 460800U, 921600U, 9600U}) {
    const auto set = this->port().SetBaudRate(baud);
    if (set) continue;
    // A wire without rates has one, and says so of the others.
    EXPECT_TRUE(!this->wire_.HasRates() && baud != 115200) << set.error().message;
    EXPECT_EQ(set.error().code, ExitCode::kBoard);
  }
}

REGISTER_TYPED_TEST_SUITE_P(SerialPortContract, HasANameForMessages,
                            SilenceIsATimeoutAndReadsNothing, ReadWaitsForWhatIsOnItsWay,
                            ReadNeverReturnsMoreThanTheBufferHolds, DiscardedInputDoesNotComeBack,
                            WhatIsWrittenDrains, RatesOfBootLogAndLoaderAreTaken);

}  // namespace lastgood::test
