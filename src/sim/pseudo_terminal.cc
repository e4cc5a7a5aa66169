// SPDX-License-Identifier: MIT
#include "sim/pseudo_terminal.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "device/termios2.h"
#include "host/processes.h"

namespace lastgood::sim {
namespace {

tl::unexpected<Error> FailToMake() {
  return Fail(ExitCode::kInternal, fmt::format("cannot make a pty: {}", ErrnoText(errno)));
}

}  // namespace

Result<PseudoTerminal> PseudoTerminal::Open() {
  PseudoTerminal pty;
  std::array<char, 64> name{};
  pty.master_ = Descriptor(::posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
  if (!pty.master_ || ::grantpt(pty.master_.Get()) != 0 || ::unlockpt(pty.master_.Get()) != 0 ||
      ::ptsname_r(pty.master_.Get(), name.data(), name.size()) != 0)
    return FailToMake();
  pty.path_ = name.data();
  pty.slave_ = Descriptor(::open(name.data(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
  if (!pty.slave_ || !SetRawMode(pty.slave_.Get(), pty.baud_)) return FailToMake();
  pty.watch_ = Descriptor(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  if (pty.watch_ && ::inotify_add_watch(pty.watch_.Get(), name.data(), IN_OPEN | IN_CLOSE) < 0)
    pty.watch_.Reset();
  return pty;
}

std::uint32_t PseudoTerminal::BaudRate() {
  const auto baud = GetRate(slave_.Get());
  if (baud && *baud > 0) baud_ = *baud;  // 0 means "hang up", which a pty does not do
  return baud_;
}

Bytes PseudoTerminal::Read(std::size_t size_max) {
  Bytes octets(size_max);
  const ssize_t count =
      RetryOnInterrupt([&] { return ::read(master_.Get(), octets.data(), octets.size()); });
  octets.resize(static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
  return octets;
}

std::size_t PseudoTerminal::Write(ByteSpan octets) {
  if (octets.empty() || (watch_ && users_ == 0)) return octets.size();
  const ssize_t count =
      RetryOnInterrupt([&] { return ::write(master_.Get(), octets.data(), octets.size()); });
  return static_cast<std::size_t>(std::max<ssize_t>(count, 0));
}

void PseudoTerminal::NoteUsage() {
  alignas(inotify_event) std::array<char, 4096> buffer;
  bool closed = false;
  for (;;) {
    const ssize_t count =
        RetryOnInterrupt([&] { return ::read(watch_.Get(), buffer.data(), buffer.size()); });
    if (count <= 0) break;
    for (std::size_t at = 0; at < static_cast<std::size_t>(count);) {
      inotify_event event;
      std::memcpy(&event, buffer.data() + at, sizeof event);
      at += sizeof event + event.len;
      users_ += (event.mask & IN_OPEN) != 0 ? 1 : (event.mask & IN_CLOSE) != 0 ? -1 : 0;
      closed = closed || (event.mask & IN_CLOSE) != 0;
    }
  }
  if (closed) HandleClose();
}

// The kernel merges equal events that come closely together, so a count of nobody is looked into.
void PseudoTerminal::HandleClose() {
  // On a real device this ends with the last close; here the last one is ours.
  ::ioctl(slave_.Get(), TIOCNXCL);
  if (users_ <= 0) users_ = FindOpenElsewhere(path_) ? 1 : 0;
  if (users_ == 0) ::tcflush(slave_.Get(), TCIFLUSH);
}

}  // namespace lastgood::sim
