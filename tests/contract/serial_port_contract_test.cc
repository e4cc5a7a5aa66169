// SPDX-License-Identifier: MIT
// The contract of SerialPort over everything that needs no hardware.
#include "serial_port_contract.h"

#include <gtest/gtest.h>

#include <array>
#include <memory>

#include "capture/recording_wires.h"
#include "device/modem_control.h"
#include "device/open_serial_port.h"
#include "device/termios_serial_port.h"
#include "sim/simulated_board.h"
#include "support/fake_serial_port.h"
#include "support/pty_pair.h"
#include "support/served_board.h"
#include "support/tcp_peer.h"

namespace lastgood::test {
namespace {

using std::chrono::milliseconds;

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
    EXPECT_EQ(*port_->Read(octet, kWireLong), 1U);
  }

 private:
  SystemClock clock_;
  PtyPair pty_;
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
    EXPECT_EQ(*port_->Read(octet, kWireLong), 1U);
  }
  bool HasRates() const override { return false; }

 private:
  SystemClock clock_;
  TcpPeer peer_;
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
    EXPECT_EQ(*port_->Read(octet, kWireLong), 1U);
    HoldInReset();  // nothing more comes
  }

 private:
  ModemControl& Modem() { return dynamic_cast<ModemControl&>(*port_); }
  // An octet that reset cuts off ends in the receiver when its time is over (0.13 ms at 74880
  // baud); before, it cannot be discarded.
  void HoldInReset() {
    EXPECT_TRUE(Modem().SetModemLines(/*dtr=*/false, /*rts=*/true));
    clock_.SleepFor(milliseconds(1));
  }

  SystemClock clock_;
  NetworkedBoard board_;
  std::unique_ptr<SerialPort> port_;
};

// The fake of other tests promises it too, or they prove nothing.
class FakeWire final : public Wire {
 public:
  SerialPort& Port() override { return port_; }
  void Provoke() override { port_.Arrive(Bytes(32, 0x55)); }
  void Settle() override {}

 private:
  VirtualClock clock_;
  FakeSerialPort port_{clock_};
};

// Who records changes nothing.
class RecordedWire final : public Wire {
 public:
  SerialPort& Port() override { return *port_; }
  void Provoke() override { fake_->Arrive(Bytes(32, 0x55)); }
  void Settle() override {}

 private:
  class NoLog final : public WireLog {
   public:
    void Add(WireEvent) override {}
  };

  VirtualClock clock_;
  NoLog log_;
  FakeSerialPort* fake_ = new FakeSerialPort(clock_);
  std::unique_ptr<SerialPort> port_ = RecordSerialPort(
      std::unique_ptr<SerialPort>(fake_), std::make_shared<WireRecorder>(log_, clock_));
};

using Wires = testing::Types<PtyWire, SimulatedWire, TcpWire, Rfc2217Wire, FakeWire, RecordedWire>;
INSTANTIATE_TYPED_TEST_SUITE_P(All, SerialPortContract, Wires);

}  // namespace
}  // namespace lastgood::test
