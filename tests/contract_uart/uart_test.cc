// SPDX-License-Identifier: MIT
// What only a real UART and its driver in the kernel can show.
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <thread>

#include "device/modem_lines.h"
#include "device/open_lines.h"
#include "device/termios2.h"
#include "support/fake_process_runner.h"
#include "support/other_process.h"
#include "support/temporary_directory.h"
#include "uart_pair.h"

namespace lastgood::test {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLong{10'000};

class UartTest : public testing::TestWithParam<UartPair> {
 protected:
  std::unique_ptr<SerialPort> OpenHost() { return OpenUart(GetParam().host, clock_); }
  std::unique_ptr<SerialPort> OpenBoard() { return OpenUart(GetParam().board, clock_); }
  std::string Refusal() {
    const auto opened = OpenSerialPort(GetParam().host, clock_);
    return opened ? "it was opened" : opened.error().message;
  }

  SystemClock clock_;
};

INSTANTIATE_TEST_SUITE_P(Uart, UartTest, testing::Values(kIsaUarts, kPciUarts),
                         [](const auto& uarts) {
                           return std::string(uarts.param.host).substr(sizeof("/dev/") - 1);
                         });

// No octet looks like its neighbour's neighbour: what is lost or doubled is seen.
Bytes Pattern(std::size_t size) {
  Bytes octets(size);
  std::uint32_t state = 1;
  for (std::uint8_t& octet : octets) {
    state = state * 1664525 + 1013904223;
    octet = static_cast<std::uint8_t>(state >> 24);
  }
  return octets;
}

Bytes ReadAll(SerialPort& port, std::size_t size) {
  Bytes all;
  std::array<std::uint8_t, 4096> buffer;
  while (all.size() < size) {
    const auto count = port.Read(buffer, kLong);
    if (!count || *count == 0) break;
    Append(all, ByteSpan(buffer).first(*count));
  }
  return all;
}

std::size_t FirstDifference(const Bytes& a, const Bytes& b) {
  return static_cast<std::size_t>(std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first -
                                  a.begin());
}

TEST_P(UartTest, EveryRateCarriesEveryOctetBothWays) {
  const auto host = OpenHost();
  const auto board = OpenBoard();
  ASSERT_TRUE(host && board);
  const Bytes pattern = Pattern(2048);
  for (const std::uint32_t baud : {9600U, 74880U, 115200U, 460800U, 921600U, 1'500'000U}) {
    ASSERT_TRUE(host->SetBaudRate(baud)) << baud;
    ASSERT_TRUE(board->SetBaudRate(baud)) << baud;
    EXPECT_EQ(GetRate(UartProbe(GetParam().host).Get()), baud);
    for (const auto& [from, to] : {std::pair(&*host, &*board), std::pair(&*board, &*host)}) {
      ASSERT_TRUE(from->Write(pattern));
      EXPECT_EQ(ReadAll(*to, pattern.size()), pattern) << baud;
      ASSERT_TRUE(from->Drain());
    }
  }
}

TEST_P(UartTest, NoOctetIsLostAt921600WhileTheHostIsBusy) {
  const auto host = OpenHost();
  const auto board = OpenBoard();
  ASSERT_TRUE(host && board);
  ASSERT_TRUE(host->SetBaudRate(921600));
  ASSERT_TRUE(board->SetBaudRate(921600));
  // Somebody who wants all of the processor.
  std::atomic<bool> done = false;
  std::thread busy([&done] {
    while (!done) continue;
  });
  const Bytes pattern = Pattern(64 * 1024);
  std::thread sender([&] {
    // An emulated UART is slower than its rate, and writing has a limit: in pieces.
    constexpr std::size_t kPiece = 1024;
    for (std::size_t at = 0; at < pattern.size(); at += kPiece)
      EXPECT_TRUE(board->Write(ByteSpan(pattern).subspan(at, kPiece)));
  });
  const Bytes received = ReadAll(*host, pattern.size());
  sender.join();
  done = true;
  busy.join();
  EXPECT_EQ(received.size(), pattern.size());
  EXPECT_EQ(FirstDifference(received, pattern), pattern.size());
}

TEST_P(UartTest, SettingsAreThoseOfARawLineWithoutFlowControl) {
  // As a program may have left it.
  {
    const UartProbe before(GetParam().host);
    termios settings{};
    ASSERT_EQ(tcgetattr(before.Get(), &settings), 0);
    settings.c_cflag |= CRTSCTS | HUPCL | PARENB;
    settings.c_iflag |= IXON | ICRNL;
    ASSERT_EQ(tcsetattr(before.Get(), TCSANOW, &settings), 0);
  }
  const auto host = OpenHost();
  ASSERT_TRUE(host);
  termios settings{};
  ASSERT_EQ(tcgetattr(UartProbe(GetParam().host).Get(), &settings), 0);
  EXPECT_EQ(settings.c_iflag, 0U);
  EXPECT_EQ(settings.c_oflag, 0U);
  EXPECT_EQ(settings.c_lflag, 0U);
  EXPECT_EQ(settings.c_cflag & CSIZE, static_cast<tcflag_t>(CS8));
  EXPECT_EQ(settings.c_cflag & (PARENB | CSTOPB | CRTSCTS | HUPCL), 0U);
  EXPECT_NE(settings.c_cflag & CLOCAL, 0U);
}

TEST_P(UartTest, ModemLinesAreSetTogetherAndStayWhenItIsClosed) {
  // Opened first, and kept: each open raises both lines.
  const UartProbe probe(GetParam().host);
  auto host = OpenHost();
  ASSERT_TRUE(host);
  EXPECT_EQ(probe.ModemLines(), TIOCM_DTR | TIOCM_RTS);
  auto& modem = dynamic_cast<ModemControl&>(*host);
  for (const auto& [dtr, rts] : {std::pair(true, false), std::pair(false, true),
                                 std::pair(true, true), std::pair(false, false)}) {
    ASSERT_TRUE(modem.SetModemLines(dtr, rts));
    EXPECT_EQ(probe.ModemLines(), (dtr ? TIOCM_DTR : 0) | (rts ? TIOCM_RTS : 0));
  }
  host.reset();
  EXPECT_EQ(probe.ModemLines(), 0);
}

TEST_P(UartTest, LinesOfKindModemAreReleasedFromTheFirstMomentOn) {
  const UartProbe probe(GetParam().host);
  const auto host = OpenHost();
  ASSERT_TRUE(host);
  FakeProcessRunner runner;
  LinesSpec spec;
  spec.kind = LinesKind::kModem;
  const auto lines = OpenBoardLines(spec, *host, runner, clock_);
  ASSERT_TRUE(lines) << lines.error().message;
  EXPECT_EQ(probe.ModemLines(), 0);
}

TEST_P(UartTest, LinkLeadsToTheDevice) {
  const TemporaryDirectory directory;
  std::filesystem::create_symlink(GetParam().host, directory / "serial0");
  const auto opened = OpenUart((directory / "serial0").c_str(), clock_);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->Name(), GetParam().host);
}

TEST_P(UartTest, WhoHoldsItIsNamed) {
  {
    const OtherProcess reader(
        [&] { [[maybe_unused]] const int kept = open(GetParam().host, O_RDWR | O_NOCTTY); });
    EXPECT_TRUE(Refusal().starts_with(
        fmt::format("serial device '{}' is in use by process {} (", GetParam().host, reader.pid())))
        << Refusal();
  }
  {
    const OtherProcess locker([&] {
      if (flock(open(GetParam().host, O_RDWR | O_NOCTTY), LOCK_EX | LOCK_NB) != 0) _exit(1);
    });
    EXPECT_TRUE(Refusal().starts_with(
        fmt::format("serial device '{}' is in use by process {} (", GetParam().host, locker.pid())))
        << Refusal();
  }
  EXPECT_TRUE(OpenHost());
}

TEST_P(UartTest, OthersAreKeptOutUntilItIsClosed) {
  ASSERT_EQ(chmod(GetParam().host, 0666), 0);
  const auto open_as_nobody = [&] {
    return ComputeAsNobody([&] {
      const Descriptor device(open(GetParam().host, O_RDWR | O_NOCTTY | O_NONBLOCK));
      return device ? "opened" : ErrnoText(errno);
    });
  };
  auto host = OpenHost();
  EXPECT_EQ(open_as_nobody(), "device or resource busy");
  EXPECT_TRUE(Refusal().starts_with(fmt::format("serial device '{}' is in use", GetParam().host)));
  host.reset();
  EXPECT_EQ(open_as_nobody(), "opened");
}

TEST_P(UartTest, ForbiddenDeviceNamesItsGroup) {
  ASSERT_EQ(chmod(GetParam().host, 0660), 0);
  const std::string told = ComputeAsNobody([&] {
    const auto opened = OpenSerialPort(GetParam().host, clock_);
    return opened ? "it was opened" : opened.error().message + "; " + opened.error().hint;
  });
  EXPECT_TRUE(
      told.starts_with(fmt::format("cannot open serial device '{}': permission denied; add "
                                   "the user to group '",
                                   GetParam().host)))
      << told;
}

TEST_P(UartTest, ProgramsThatAreRunDoNotInheritIt) {
  const auto host = OpenHost();
  ASSERT_TRUE(host);
  const pid_t child = fork();
  if (child == 0) {
    const std::string script = fmt::format("! ls -l /proc/$$/fd | grep -q {}", GetParam().host);
    execl("/bin/sh", "sh", "-c", script.c_str(), nullptr);
    _exit(2);
  }
  int status = -1;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
}

// The kernel makes nodes for UARTs that it did not find.
TEST(EmptySlotTest, SlotWithoutAUartIsToldApart) {
  SystemClock clock;
  const auto opened = OpenSerialPort("/dev/ttyS3", clock);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ExitCode::kBoard);
  EXPECT_EQ(opened.error().message, "serial device '/dev/ttyS3' has no hardware behind it");
  EXPECT_TRUE(opened.error().hint.starts_with("this host has /dev/ttyS")) << opened.error().hint;
}

TEST(ConsoleTest, VirtualConsoleHasNoModemLinesAndIsLeftToTermios) {
  EXPECT_FALSE(LibserialportSerialPort::Accepts("/dev/tty1"));
}

}  // namespace
}  // namespace lastgood::test
