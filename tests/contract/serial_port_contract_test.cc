// SPDX-License-Identifier: MIT
// What every SerialPort promises, whatever is at the other end.
#include <gtest/gtest.h>

#include <array>
#include <memory>

#include "device/modem_control.h"
#include "device/open_serial_port.h"
#include "device/termios_serial_port.h"
#include "sim/simulated_board.h"
#include "support/pty_pair.h"
#include "support/served_board.h"
#include "support/tcp_peer.h"

namespace lastgood {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLong{10'000};

// A port, and something at its other end that can be made to talk.
class Wire {
 public:
  virtual ~Wire() = default;
  virtual SerialPort& Port() = 0;
  virtual void Provoke() = 0;  // at least 16 octets are on their way
  virtual void Settle() = 0;   // they have arrived
  virtual bool HasRates() const { return true; }
};

class PtyWire final : public Wire {
 public:
  PtyWire() {
    auto port = TermiosSerialPort::Open(pty_.path(), clock_);
    EXPECT_TRUE(port) << port.error().message;
    if (port) port_ = *std::move(port);
  }
  SerialPort& Port() override { return *port_; }
  void Provoke() override { pty_.Send("0123456789abcdef0123456789abcdef"); }
  void Settle() override {
    // What was sent in one piece arrives in one piece.
    std::array<std::uint8_t, 1> octet;
    EXPECT_EQ(*port_->Read(octet, kLong), 1U);
  }

 private:
  SystemClock clock_;
  test::PtyPair pty_;
  std::unique_ptr<SerialPort> port_;
};

class SimulatedWire final : public Wire {
 public:
  SimulatedWire() {
    auto board = sim::SimulatedBoard::Make({}, clock_);
    EXPECT_TRUE(board) << board.error().message;
    board_ = *std::move(board);
    port_ = board_->OpenSerialPort();
    EXPECT_TRUE(port_->SetBaudRate(74880));
    // Held in reset it says nothing.
    board_->SetLines(true, false);
    Settle();
    EXPECT_TRUE(port_->DiscardInput());
  }
  SerialPort& Port() override { return *port_; }
  void Provoke() override {  // the boot log
    board_->SetLines(true, false);
    clock_.SleepFor(milliseconds(10));
    board_->SetLines(false, false);
  }
  void Settle() override { clock_.SleepFor(milliseconds(300)); }

 private:
  VirtualClock clock_;
  std::unique_ptr<sim::SimulatedBoard> board_;
  std::unique_ptr<SerialPort> port_;
};

class TcpWire final : public Wire {
 public:
  TcpWire() {
    auto opened = OpenSerialPort(peer_.Name("tcp"), clock_);
    EXPECT_TRUE(opened) << opened.error().message;
    if (opened) port_ = *std::move(opened);
    peer_.Accept();
  }
  SerialPort& Port() override { return *port_; }
  void Provoke() override { peer_.Send(Bytes(32, 0xff)); }
  void Settle() override {
    std::array<std::uint8_t, 1> octet;
    EXPECT_EQ(*port_->Read(octet, kLong), 1U);
  }
  bool HasRates() const override { return false; }

 private:
  SystemClock clock_;
  test::TcpPeer peer_;
  std::unique_ptr<SerialPort> port_;
};

// The product's client and the simulator's server, which have no line in common.
class Rfc2217Wire final : public Wire {
 public:
  Rfc2217Wire() {
    auto opened = OpenSerialPort(board_.name(), clock_);
    EXPECT_TRUE(opened) << opened.error().message;
    if (opened) port_ = *std::move(opened);
    EXPECT_TRUE(port_->SetBaudRate(74880));
    HoldInReset();
    EXPECT_TRUE(port_->DiscardInput());
  }
  SerialPort& Port() override { return *port_; }
  void Provoke() override { EXPECT_TRUE(Modem().SetModemLines(false, false)); }  // the boot log
  void Settle() override {
    std::array<std::uint8_t, 1> octet;
    EXPECT_EQ(*port_->Read(octet, kLong), 1U);
    HoldInReset();  // nothing more comes
  }

 private:
  ModemControl& Modem() { return dynamic_cast<ModemControl&>(*port_); }
  void HoldInReset() { EXPECT_TRUE(Modem().SetModemLines(/*dtr=*/false, /*rts=*/true)); }

  SystemClock clock_;
  test::NetworkedBoard board_;
  std::unique_ptr<SerialPort> port_;
};

template <class T>
class SerialPortContract : public testing::Test {
 protected:
  SerialPort& port() { return wire_.Port(); }
  T wire_;
};

using Wires = testing::Types<PtyWire, SimulatedWire, TcpWire, Rfc2217Wire>;
TYPED_TEST_SUITE(SerialPortContract, Wires);

TYPED_TEST(SerialPortContract, HasANameForMessages) { EXPECT_NE(this->port().Name(), ""); }

TYPED_TEST(SerialPortContract, SilenceIsATimeoutAndReadsNothing) {
  std::array<std::uint8_t, 16> buffer{};
  for (const milliseconds timeout : {milliseconds(0), milliseconds(5)}) {
    const auto count = this->port().Read(buffer, timeout);
    ASSERT_TRUE(count) << count.error().message;
    EXPECT_EQ(*count, 0U);
  }
}

TYPED_TEST(SerialPortContract, ReadWaitsForWhatIsOnItsWay) {
  this->wire_.Provoke();
  std::array<std::uint8_t, 16> buffer{};
  std::size_t total = 0;
  while (total < buffer.size()) {
    const auto count = this->port().Read(std::span(buffer).subspan(total), kLong);
    ASSERT_TRUE(count) << count.error().message;
    ASSERT_GT(*count, 0U);
    ASSERT_LE(*count, buffer.size() - total);
    total += *count;
  }
}

TYPED_TEST(SerialPortContract, ReadNeverReturnsMoreThanTheBufferHolds) {
  this->wire_.Provoke();
  std::array<std::uint8_t, 3> buffer{0xa5, 0xa5, 0xa5};
  for (int i = 0; i < 16; ++i) {
    ASSERT_EQ(*this->port().Read(std::span(buffer).first(1), kLong), 1U);
    EXPECT_EQ(buffer[1], 0xa5) << "written past the end";
  }
}

TYPED_TEST(SerialPortContract, DiscardedInputDoesNotComeBack) {
  this->wire_.Provoke();
  this->wire_.Settle();
  ASSERT_TRUE(this->port().DiscardInput());
  std::array<std::uint8_t, 16> buffer{};
  EXPECT_EQ(*this->port().Read(buffer, milliseconds(0)), 0U);
}

TYPED_TEST(SerialPortContract, WhatIsWrittenDrains) {
  ASSERT_TRUE(this->port().Drain());
  ASSERT_TRUE(this->port().Write({}));
  ASSERT_TRUE(this->port().Write(Bytes(512, 0x55)));
  EXPECT_TRUE(this->port().Drain());
  EXPECT_TRUE(this->port().Drain());
}

TYPED_TEST(SerialPortContract, RatesOfBootLogAndLoaderAreTaken) {
  for (const std::uint32_t baud : {74880U, 115200U, 230400U, 460800U, 921600U, 9600U}) {
    const auto set = this->port().SetBaudRate(baud);
    if (set) continue;
    // A wire without rates has one, and says so of the others.
    EXPECT_TRUE(!this->wire_.HasRates() && baud != 115200) << set.error().message;
    EXPECT_EQ(set.error().code, ExitCode::kBoard);
  }
}

}  // namespace
}  // namespace lastgood
