// SPDX-License-Identifier: MIT
// On a pty: what the other end of the wire and other programs can do to an open port.
#include "device/termios_serial_port.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <thread>

#include "device/termios2.h"
#include "support/other_process.h"
#include "support/pty_pair.h"
#include "support/temporary_directory.h"

namespace lastgood {
namespace {

using std::chrono::milliseconds;
using test::PtyPair;
using Port = std::unique_ptr<TermiosSerialPort>;

constexpr milliseconds kLong{10'000};

// Time passes `step` at every look, so that limits of seconds are over after a few looks.
class HastyClock final : public Clock {
 public:
  explicit HastyClock(milliseconds step) : step_(step) {}
  TimePoint Now() const override { return now_ += step_; }
  WallTime WallNow() const override { return {}; }
  void SleepUntil(TimePoint when) override { now_ = std::max(now_, when); }

 private:
  milliseconds step_;
  mutable TimePoint now_{};
};

class TermiosSerialPortTest : public testing::Test {
 protected:
  Port Open() { return Open(clock_); }
  Port Open(Clock& clock) {
    auto port = TermiosSerialPort::Open(pty_.path(), clock);
    EXPECT_TRUE(port) << port.error().message;
    return port ? *std::move(port) : nullptr;
  }
  // What has arrived, until `size` octets are there.
  static std::string Read(SerialPort& port, std::size_t size) {
    std::string text;
    std::array<std::uint8_t, 256> buffer;
    while (text.size() < size) {
      const auto count = port.Read(buffer, kLong);
      if (!count || *count == 0) break;
      text += AsText(ByteSpan(buffer).first(*count));
    }
    return text;
  }

  SystemClock clock_;
  PtyPair pty_;
};

std::string AllOctets() {
  std::string text;
  for (int octet = 0; octet < 256; ++octet) text.push_back(static_cast<char>(octet));
  return text;
}

TEST_F(TermiosSerialPortTest, EveryOctetPassesUnchangedBothWays) {
  const Port port = Open();
  ASSERT_NE(port, nullptr);
  ASSERT_TRUE(port->Write(AsBytes(AllOctets())));
  EXPECT_EQ(pty_.Receive(256), AllOctets());
  pty_.Send(AllOctets());
  EXPECT_EQ(Read(*port, 256), AllOctets());
}

TEST_F(TermiosSerialPortTest, NothingIsEchoed) {
  const Port port = Open();
  pty_.Send("secret\r\n");
  EXPECT_EQ(Read(*port, 8), "secret\r\n");
  ASSERT_TRUE(port->Write(AsBytes("x")));
  EXPECT_EQ(pty_.Receive(1), "x");
}

TEST_F(TermiosSerialPortTest, SettingsAreThoseOfARawLine) {
  const Port port = Open();
  termios settings{};
  ASSERT_EQ(tcgetattr(pty_.Master(), &settings), 0);
  EXPECT_EQ(settings.c_iflag, 0U);
  EXPECT_EQ(settings.c_oflag, 0U);
  EXPECT_EQ(settings.c_lflag, 0U);
  EXPECT_EQ(settings.c_cflag & CSIZE, static_cast<tcflag_t>(CS8));
  EXPECT_EQ(settings.c_cflag & (PARENB | CSTOPB | CRTSCTS | HUPCL), 0U);
  EXPECT_NE(settings.c_cflag & CLOCAL, 0U);
  // So that a read without data is told from a hang-up.
  EXPECT_EQ(settings.c_cc[VMIN], 1);
  EXPECT_EQ(settings.c_cc[VTIME], 0);
  EXPECT_EQ(GetRate(pty_.Master()), 115200U);
}

TEST_F(TermiosSerialPortTest, AnyRateIsSetAndTheOtherEndSeesIt) {
  const Port port = Open();
  for (const std::uint32_t baud : {74880U, 115200U, 9600U, 460800U, 1U, 3'000'000U, 1'234'567U}) {
    ASSERT_TRUE(port->SetBaudRate(baud)) << baud;
    EXPECT_EQ(GetRate(pty_.Master()), baud);
  }
}

TEST_F(TermiosSerialPortTest, RateOfZeroIsRefusedAndChangesNothing) {
  const Port port = Open();
  ASSERT_TRUE(port->SetBaudRate(74880));
  const auto set = port->SetBaudRate(0);
  ASSERT_FALSE(set);
  EXPECT_EQ(set.error().code, ExitCode::kBoard);
  EXPECT_EQ(GetRate(pty_.Master()), 74880U);
}

TEST_F(TermiosSerialPortTest, ReadReturnsWhatIsThereAndNoMoreThanFits) {
  const Port port = Open();
  pty_.Send("abcdef");
  EXPECT_EQ(Read(*port, 6), "abcdef");
  pty_.Send("abcdef");
  std::array<std::uint8_t, 4> small{};
  const auto count = port->Read(small, kLong);
  ASSERT_TRUE(count);
  EXPECT_GE(*count, 1U);
  EXPECT_LE(*count, small.size());
}

TEST_F(TermiosSerialPortTest, ReadIntoAnEmptyBufferReturnsAtOnce) {
  const Port port = Open();
  EXPECT_EQ(*port->Read({}, kLong), 0U);
}

TEST_F(TermiosSerialPortTest, SilenceIsATimeoutAndNoFailure) {
  const Port port = Open();
  std::array<std::uint8_t, 4> buffer{};
  for (const milliseconds timeout : {milliseconds(0), milliseconds(5), milliseconds(-1)})
    EXPECT_EQ(*port->Read(buffer, timeout), 0U);
}

TEST_F(TermiosSerialPortTest, OldInputIsForgottenAtOpenAndOnRequest) {
  pty_.Send("old\n");
  ASSERT_TRUE(pty_.WaitUntilDelivered());
  const Port port = Open();
  std::array<std::uint8_t, 8> buffer{};
  EXPECT_EQ(*port->Read(buffer, milliseconds(0)), 0U);
  pty_.Send("more");
  EXPECT_EQ(*port->Read(std::span(buffer).first(1), kLong), 1U);
  ASSERT_TRUE(port->DiscardInput());
  EXPECT_EQ(*port->Read(buffer, milliseconds(0)), 0U);
}

TEST_F(TermiosSerialPortTest, DeviceThatVanishedIsAnErrorOnEveryCall) {
  const Port port = Open();
  pty_.Vanish();
  std::array<std::uint8_t, 4> buffer{};
  const std::string message = fmt::format("serial device '{}' vanished", pty_.path());
  const auto read = port->Read(buffer, kLong);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ExitCode::kBoard);
  EXPECT_EQ(read.error().message, message);
  EXPECT_NE(read.error().hint, "");
  EXPECT_EQ(port->Write(AsBytes("x")).error().message, message);
  EXPECT_EQ(port->SetBaudRate(9600).error().message, message);
  EXPECT_EQ(port->DiscardInput().error().message, message);
  EXPECT_EQ(port->Drain().error().message, message);
}

TEST_F(TermiosSerialPortTest, DeviceThatTakesNothingIsGivenUp) {
  // At 115200 baud, 100,000 bytes may take 8.7 s and 2 s more: over at the second look.
  HastyClock clock(milliseconds(10'600));
  const Port port = Open(clock);
  const auto written = port->Write(Bytes(100'000));
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, ExitCode::kBoard);
  EXPECT_NE(written.error().message.find("of 100000 bytes"), std::string::npos)
      << written.error().message;
}

TEST_F(TermiosSerialPortTest, MoreThanTheDriverBuffersIsWrittenWhole) {
  const Port port = Open();
  const std::string text(100'000, 'x');
  const pid_t writer = fork();
  if (writer == 0) _exit(port->Write(AsBytes(text)) ? 0 : 1);
  EXPECT_EQ(pty_.Receive(text.size()), text);
  EXPECT_TRUE(test::WaitUntilGone(writer));
}

TEST_F(TermiosSerialPortTest, FloodIsReadWholeAndInOrder) {
  const Port port = Open();
  std::string text;
  for (std::uint32_t i = 0; text.size() < 1'000'000; ++i)
    text += fmt::format("{:x} ", i * 2654435761);
  std::thread sender([&] {
    for (std::size_t at = 0; at < text.size(); at += 1000)
      pty_.Send(std::string_view(text).substr(at, 1000));
  });
  const std::string received = Read(*port, text.size());
  sender.join();
  EXPECT_EQ(received.size(), text.size());
  EXPECT_TRUE(received == text);
}

TEST_F(TermiosSerialPortTest, DrainAfterWriteReturns) {
  const Port port = Open();
  ASSERT_TRUE(port->Write(AsBytes("hello")));
  EXPECT_TRUE(port->Drain());
  EXPECT_TRUE(port->Drain());
}

TEST_F(TermiosSerialPortTest, LinkIsFollowedAndTheDeviceIsNamed) {
  const test::TemporaryDirectory directory;
  std::filesystem::create_symlink(pty_.path(), directory / "first");
  std::filesystem::create_symlink("first", directory / "serial0");
  const auto port = TermiosSerialPort::Open(directory / "serial0", clock_);
  ASSERT_TRUE(port) << port.error().message;
  EXPECT_EQ((*port)->Name(), pty_.path());
}

TEST_F(TermiosSerialPortTest, MissingDeviceIsNamedAndTheHintListsWhatThereIs) {
  const struct {
    const char* name;
    const char* hint;
  } kCases[] = {
      {"ttyUSB9", "is the board plugged in?"},
      {"serial0", "on a Raspberry Pi, set enable_uart=1 in config.txt and reboot"},
      {"ttyAMA0", "on a Raspberry Pi, set enable_uart=1 in config.txt and reboot"},
  };
  const test::TemporaryDirectory directory;
  for (const auto& test_case : kCases) {
    const auto path = std::filesystem::canonical(directory.path()) / test_case.name;
    const auto port = TermiosSerialPort::Open(path, clock_);
    ASSERT_FALSE(port);
    EXPECT_EQ(port.error().code, ExitCode::kBoard);
    EXPECT_EQ(
        port.error().message,
        fmt::format("cannot open serial device '{}': no such file or directory", path.string()));
    EXPECT_TRUE(port.error().hint.starts_with("this host has ")) << port.error().hint;
    EXPECT_TRUE(port.error().hint.ends_with(test_case.hint)) << port.error().hint;
  }
}

TEST_F(TermiosSerialPortTest, LinkToNowhereNamesWhereItLeads) {
  const test::TemporaryDirectory directory;
  const auto target = std::filesystem::canonical(directory.path()) / "ttyS0";
  std::filesystem::create_symlink(target, directory / "serial0");
  const auto port = TermiosSerialPort::Open(directory / "serial0", clock_);
  ASSERT_FALSE(port);
  EXPECT_NE(port.error().message.find(target.string()), std::string::npos) << port.error().message;
}

TEST_F(TermiosSerialPortTest, WhatIsNoSerialDeviceIsSaidToBeNone) {
  const test::TemporaryDirectory directory;
  const auto root = std::filesystem::canonical(directory.path());
  test::WriteText(root / "file", "content");
  ASSERT_EQ(mkfifo((root / "fifo").c_str(), 0600), 0);
  for (const std::filesystem::path& path :
       {root / "file", root / "fifo", std::filesystem::path("/dev/null")}) {
    const auto port = TermiosSerialPort::Open(path, clock_);
    ASSERT_FALSE(port);
    EXPECT_EQ(port.error().code, ExitCode::kBoard);
    EXPECT_EQ(port.error().message, fmt::format("'{}' is not a serial device", path.string()));
  }
  EXPECT_EQ(test::ReadText(root / "file"), "content");
}

TEST_F(TermiosSerialPortTest, ForbiddenDeviceNamesTheGroupThatMayUseIt) {
  const auto open_as_nobody = [&] {
    return test::ComputeAsNobody([&] {
      const auto port = TermiosSerialPort::Open(pty_.path(), clock_);
      return port ? "it was opened" : port.error().message + "; " + port.error().hint;
    });
  };
  const std::string message =
      fmt::format("cannot open serial device '{}': permission denied; ", pty_.path());
  ASSERT_EQ(chmod(pty_.path().c_str(), 0060), 0);
  EXPECT_TRUE(open_as_nobody().starts_with(message + "add the user to group '"))
      << open_as_nobody();
  ASSERT_EQ(chmod(pty_.path().c_str(), 0), 0);
  EXPECT_TRUE(open_as_nobody().starts_with(message + "run it with sudo")) << open_as_nobody();
}

TEST_F(TermiosSerialPortTest, DeviceLockedByAnotherProgramIsBusyAndTheProgramIsNamed) {
  const test::OtherProcess other([&] {
    const int device = open(pty_.path().c_str(), O_RDWR | O_NOCTTY);
    if (flock(device, LOCK_EX | LOCK_NB) != 0) _exit(1);
  });
  const auto port = TermiosSerialPort::Open(pty_.path(), clock_);
  ASSERT_FALSE(port);
  EXPECT_EQ(port.error().code, ExitCode::kBusy);
  EXPECT_TRUE(port.error().message.starts_with(
      fmt::format("serial device '{}' is in use by process {} (", pty_.path(), other.pid())))
      << port.error().message;
  EXPECT_EQ(port.error().hint, "end that program first");
}

TEST_F(TermiosSerialPortTest, WhoMadeAPtyMayKeepItOpen) {
  const test::OtherProcess server(
      [&] { [[maybe_unused]] const int kept = open(pty_.path().c_str(), O_RDWR | O_NOCTTY); });
  EXPECT_NE(Open(), nullptr);
}

TEST_F(TermiosSerialPortTest, SecondOpenIsBusyUntilTheFirstIsClosed) {
  Port first = Open();
  const auto second = TermiosSerialPort::Open(pty_.path(), clock_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ExitCode::kBusy);
  EXPECT_EQ(second.error().hint, "find it with: sudo fuser -v " + pty_.path());
  first.reset();
  EXPECT_NE(Open(), nullptr);
}

TEST_F(TermiosSerialPortTest, ProgramsThatDoNotLockAreKeptOutWhileItIsOpen) {
  ASSERT_EQ(chmod(pty_.path().c_str(), 0666), 0);
  const auto open_as_nobody = [&] {
    return test::ComputeAsNobody([&] {
      const Descriptor device(open(pty_.path().c_str(), O_RDWR | O_NOCTTY));
      return device ? "opened" : ErrnoText(errno);
    });
  };
  // Somebody keeps the device open throughout, so that the kernel does not forget its state.
  const Descriptor keeper(open(pty_.path().c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC));
  Port port = Open();
  EXPECT_EQ(open_as_nobody(), "device or resource busy");
  port.reset();
  EXPECT_EQ(open_as_nobody(), "opened");
}

TEST_F(TermiosSerialPortTest, ExclusiveDeviceOfAnotherProgramIsBusy) {
  ASSERT_EQ(chmod(pty_.path().c_str(), 0666), 0);
  const test::OtherProcess other([&] {
    const int device = open(pty_.path().c_str(), O_RDWR | O_NOCTTY);
    if (ioctl(device, TIOCEXCL) != 0) _exit(1);
  });
  const std::string message = test::ComputeAsNobody([&] {
    const auto port = TermiosSerialPort::Open(pty_.path(), clock_);
    return port ? "it was opened" : port.error().message;
  });
  EXPECT_TRUE(message.starts_with(fmt::format("serial device '{}' is in use by", pty_.path())))
      << message;
}

TEST_F(TermiosSerialPortTest, OpeningDoesNotTakeATerminal) {
  const pid_t child = fork();
  if (child == 0) {
    setsid();
    const Port port = Open();
    _exit(open("/dev/tty", O_RDWR) >= 0 ? 1 : 0);
  }
  int status = -1;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
}

TEST_F(TermiosSerialPortTest, DeviceWithoutModemLinesSaysSo) {
  const Port port = Open();
  const auto set = port->SetModemLines(true, false);
  ASSERT_FALSE(set);
  EXPECT_EQ(set.error().code, ExitCode::kBoard);
  EXPECT_EQ(set.error().message,
            fmt::format("serial device '{}' has no DTR and RTS lines", pty_.path()));
  EXPECT_NE(set.error().hint.find("kind = \"gpio\""), std::string::npos);
}

}  // namespace
}  // namespace lastgood
