// SPDX-License-Identifier: MIT
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>

#include "device/modem_control.h"
#include "device/open_lines.h"
#include "device/open_serial_port.h"
#include "support/fake_process_runner.h"
#include "support/tcp_peer.h"

namespace lastgood {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLong{10'000};

class TcpSerialPortTest : public testing::Test {
 protected:
  void Open() {
    auto opened = OpenSerialPort(name_, clock_);
    ASSERT_TRUE(opened) << opened.error().message;
    device_ = *std::move(opened);
    peer_.Accept();
  }
  Result<std::size_t> ReadOne() {
    std::array<std::uint8_t, 1> octet{};
    return device_->Read(octet, kLong);
  }

  SystemClock clock_;
  test::TcpPeer peer_;
  const std::string name_ = peer_.Name("tcp");
  std::unique_ptr<SerialPort> device_;
};

TEST_F(TcpSerialPortTest, EveryOctetPassesUnchangedBothWays) {
  Open();
  Bytes all(256);
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::uint8_t>(i);
  ASSERT_TRUE(device_->Write(all));
  EXPECT_EQ(peer_.Receive(256), all);
  peer_.Send(all);
  Bytes received;
  while (received.size() < all.size()) {
    std::array<std::uint8_t, 64> buffer;
    const auto count = device_->Read(buffer, kLong);
    ASSERT_TRUE(count && *count > 0);
    Append(received, ByteSpan(buffer).first(*count));
  }
  EXPECT_EQ(received, all);
}

TEST_F(TcpSerialPortTest, AnotherRateThan115200IsRefused) {
  Open();
  EXPECT_TRUE(device_->SetBaudRate(115200));
  const auto set = device_->SetBaudRate(74880);
  ASSERT_FALSE(set);
  EXPECT_EQ(set.error().code, ExitCode::kBoard);
  EXPECT_EQ(set.error().message,
            fmt::format("serial device '{}' cannot be set to 74880 baud: plain TCP carries no rate",
                        name_));
}

TEST_F(TcpSerialPortTest, ItHasNoModemLines) {
  Open();
  LinesSpec spec;
  spec.kind = LinesKind::kModem;
  test::FakeProcessRunner runner;
  const auto lines = OpenBoardLines(spec, *device_, runner, clock_);
  ASSERT_FALSE(lines);
  EXPECT_EQ(lines.error().message, fmt::format("'{}' has no DTR and RTS lines", name_));
}

TEST_F(TcpSerialPortTest, WhatCameBeforeTheServerHungUpIsStillRead) {
  Open();
  peer_.Send(Bytes{7});
  peer_.HangUp();
  EXPECT_EQ(ReadOne(), std::size_t{1});
  const auto read = ReadOne();
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ExitCode::kBoard);
  EXPECT_EQ(read.error().message,
            fmt::format("serial device '{}' vanished: its server hung up", name_));
}

TEST_F(TcpSerialPortTest, AServerThatCrashedHasVanished) {
  Open();
  peer_.Crash();
  const auto read = ReadOne();
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ExitCode::kBoard);
  EXPECT_EQ(read.error().message,
            fmt::format("serial device '{}' vanished: connection reset by peer", name_));
  const auto written = device_->Write(Bytes{1});
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, ExitCode::kBoard);
}

TEST_F(TcpSerialPortTest, NobodyListeningIsSaid) {
  peer_.StopListening();
  const auto opened = OpenSerialPort(name_, clock_);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ExitCode::kBoard);
  EXPECT_EQ(opened.error().message,
            fmt::format("cannot reach serial device '{}': connection refused", name_));
}

TEST_F(TcpSerialPortTest, AMalformedNameIsWrongUsage) {
  const auto opened = OpenSerialPort("tcp://board", clock_);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ExitCode::kUsage);
}

TEST_F(TcpSerialPortTest, DevicesOnTheNetworkCountAsPresent) {
  EXPECT_TRUE(SerialDeviceExists("tcp://nowhere:1"));
  EXPECT_TRUE(SerialDeviceExists("/dev/null"));
  EXPECT_FALSE(SerialDeviceExists("/dev/no-such-device"));
}

}  // namespace
}  // namespace lastgood
