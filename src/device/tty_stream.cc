// SPDX-License-Identifier: MIT
#include "device/tty_stream.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>

#include "device/termios2.h"
#include "host/descriptor.h"

namespace lastgood {
namespace {

using std::chrono::milliseconds;

constexpr std::uint32_t kInitialBaud = 115200;
constexpr unsigned kBitsPerOctet = 10;  // 8N1: start, eight, stop
constexpr milliseconds kDriverLimit{2000};
constexpr milliseconds kDrainPoll{2};

int Wait(int device, short events, milliseconds timeout) {
  pollfd waiting{device, events, 0};
  const auto limit = std::clamp<milliseconds::rep>(timeout.count(), 0, 3'600'000);
  const int ready = poll(&waiting, 1, static_cast<int>(limit));
  return ready <= 0 ? ready : waiting.revents;
}

// What a driver answers once its device has been unplugged.
bool MeansVanished(int error) { return error == EIO || error == ENODEV || error == ENXIO; }

}  // namespace

Result<TtyStream> TtyStream::Make(int device, const std::filesystem::path& path, Clock& clock) {
  TRY(SerialDeviceClaim claim, SerialDeviceClaim::Make(device, path));
  TtyStream stream(device, std::move(claim), path.string(), clock);
  if (!SetRawMode(device, kInitialBaud)) return stream.FailOn("set up", errno);
  stream.baud_ = kInitialBaud;
  TRY_DO(stream.DiscardInput());
  return stream;
}

tl::unexpected<Error> TtyStream::FailOn(std::string_view action, int error) const {
  if (MeansVanished(error))
    return Fail(ExitCode::kBoard, fmt::format("serial device '{}' vanished", name_),
                "check the cable, and the power supply: a host that browns out drops its devices");
  return Fail(ExitCode::kBoard,
              fmt::format("cannot {} serial device '{}': {}", action, name_, ErrnoText(error)));
}

milliseconds TtyStream::WireTime(std::size_t count) const {
  const auto bits = static_cast<std::uint64_t>(count) * kBitsPerOctet;
  return kDriverLimit + milliseconds(bits * 1000 / std::max(baud_, 1U));
}

Result<std::size_t> TtyStream::Read(std::span<std::uint8_t> buffer, milliseconds timeout) {
  if (buffer.empty()) return 0;
  const Deadline deadline(*clock_, timeout);
  for (;;) {
    const int events = Wait(device_, POLLIN, deadline.Remaining());
    if (events < 0 && errno != EINTR) return FailOn("wait for", errno);
    if (events > 0) {
      // Bytes that arrived before a hang-up are still handed out: read(2) says 0 after the last.
      const ssize_t count = read(device_, buffer.data(), buffer.size());
      if (count > 0) return static_cast<std::size_t>(count);
      if (count == 0 || (events & POLLIN) == 0) return FailOn("read", EIO);
      if (errno != EAGAIN && errno != EINTR) return FailOn("read", errno);
    }
    // A wait that a signal cut short returns early: its caller looks at the Interrupt.
    if (events <= 0 || deadline.Expired()) return 0;
  }
}

Result<void> TtyStream::WaitWritable(const Deadline& deadline, std::size_t done,
                                     std::size_t total) {
  const int events = Wait(device_, POLLOUT, deadline.Remaining());
  if (events < 0 && errno != EINTR) return FailOn("wait for", errno);
  if (events > 0 && (events & POLLOUT) == 0) return FailOn("write to", EIO);
  if (events == 0 || deadline.Expired())
    return Fail(ExitCode::kBoard,
                fmt::format("serial device '{}' took only {} of {} bytes", name_, done, total),
                "is its driver or its adapter stuck? unplug it and plug it in again");
  return {};
}

Result<void> TtyStream::Write(ByteSpan data) {
  const Deadline deadline(*clock_, WireTime(data.size()));
  std::size_t done = 0;
  while (done < data.size()) {
    const ssize_t count = write(device_, data.data() + done, data.size() - done);
    if (count > 0) {
      done += static_cast<std::size_t>(count);
    } else if (count < 0 && errno != EAGAIN && errno != EINTR) {
      return FailOn("write to", errno);
    } else {
      TRY_DO(WaitWritable(deadline, done, data.size()));
    }
  }
  return {};
}

Result<void> TtyStream::Drain() {
  int queued = 0;
  if (ioctl(device_, TIOCOUTQ, &queued) != 0) return FailOn("drain", errno);
  const Deadline deadline(*clock_, WireTime(static_cast<std::size_t>(queued)));
  while (queued > 0) {
    if (deadline.Expired())
      return Fail(ExitCode::kBoard,
                  fmt::format("serial device '{}' keeps {} bytes back", name_, queued),
                  "is its driver or its adapter stuck? unplug it and plug it in again");
    clock_->SleepFor(kDrainPoll);
    if (ioctl(device_, TIOCOUTQ, &queued) != 0) return FailOn("drain", errno);
  }
  // The driver's queue is empty; what is left is the transmitter's FIFO, and there the kernel
  // itself bounds the wait. Called on a full queue, tcdrain might never return.
  if (RetryOnInterrupt([&] { return tcdrain(device_); }) != 0) return FailOn("drain", errno);
  return {};
}

Result<void> TtyStream::SetBaudRate(std::uint32_t baud) {
  // To the kernel, a rate of 0 means to hang up.
  if (baud == 0) return FailOn("set 0 baud on", EINVAL);
  if (!SetRate(device_, baud)) return FailOn(fmt::format("set {} baud on", baud), errno);
  const std::optional<std::uint32_t> actual = GetRate(device_);
  if (!actual) return FailOn("read the rate of", errno);
  // A driver that cannot do a rate sets another one and says nothing. Receivers tolerate 2 to 3 %.
  const std::uint32_t difference = std::max(*actual, baud) - std::min(*actual, baud);
  if (difference > baud / 33) {
    SetRate(device_, baud_);
    return Fail(
        ExitCode::kBoard,
        fmt::format("serial device '{}' cannot do {} baud, it would do {}", name_, baud, *actual),
        "choose a rate that its UART can make: 115200 always works");
  }
  baud_ = baud;
  return {};
}

Result<void> TtyStream::DiscardInput() {
  if (tcflush(device_, TCIFLUSH) != 0) return FailOn("discard the input of", errno);
  return {};
}

Result<void> TtyStream::SetModemLines(bool dtr, bool rts) {
  int lines = 0;
  const auto set = [&] {
    if (ioctl(device_, TIOCMGET, &lines) != 0) return false;
    lines &= ~(TIOCM_DTR | TIOCM_RTS);
    lines |= (dtr ? TIOCM_DTR : 0) | (rts ? TIOCM_RTS : 0);
    return ioctl(device_, TIOCMSET, &lines) == 0;
  };
  if (set()) return {};
  if (errno == ENOTTY || errno == EINVAL)
    return Fail(
        ExitCode::kBoard, fmt::format("serial device '{}' has no DTR and RTS lines", name_),
        "wire the board's reset and boot pins to GPIO lines: kind = \"gpio\" in [board.lines]");
  return FailOn("set DTR and RTS of", errno);
}

}  // namespace lastgood
