// SPDX-License-Identifier: MIT
// Time on the wire is the board's: it knows when each octet has arrived. The server only has to
// look often enough: at every octet it would wake ten thousand times a second, so it looks again
// after a few octets' time, which delays the last octet of an answer by less than a UART's FIFO
// does.
#include "sim/pty_server.h"

#include <poll.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "sim/device_link.h"
#include "sim/lines_socket.h"
#include "sim/pseudo_terminal.h"

namespace lastgood::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

constexpr int kOctetsPerLook = 8;
constexpr nanoseconds kLookMin = std::chrono::microseconds(100);
constexpr nanoseconds kLookMax = milliseconds(1);
constexpr nanoseconds kWaitMax = milliseconds(50);  // then the interrupt is looked at

// What the user wrote is taken from the pty this far ahead of the wire; the rest stays there, so
// that a user who writes much waits as he would for a real device.
constexpr nanoseconds kReadAhead = std::chrono::seconds(1);
constexpr std::size_t kReadMax = 4096;

// Octets that the user did not read in time; more are lost, as in an overrun.
constexpr std::size_t kUndeliveredMax = 4096;

nanoseconds WireTime(std::size_t octets, std::uint32_t baud) {
  constexpr std::uint64_t kBitsPerOctet = 10;
  return nanoseconds(octets * kBitsPerOctet * 1'000'000'000 / std::max(baud, 1U));
}

class Server {
 public:
  Server(SimulatedBoard& board, Clock& clock, PseudoTerminal& pty, LinesSocket* lines)
      : board_(board), clock_(clock), pty_(pty), lines_(lines), desk_(board) {}

  void Run(const Interrupt& interrupt) {
    while (!interrupt.Requested()) {
      const TimePoint now = clock_.Now();
      FollowBaudRate(now);
      TakeFromUser(now);
      GiveToUser();
      Wait(now);
    }
  }

 private:
  // A new rate counts once everything written before has left. On a real device its user waited for
  // that (tcdrain); on a pty that wait is over at once.
  void FollowBaudRate(TimePoint now) {
    const std::uint32_t set = pty_.BaudRate();
    if (baud_ == 0 || now >= wire_idle_from_) baud_ = set;
  }

  bool MayRead(TimePoint now) const { return wire_idle_from_ - now < kReadAhead; }

  void TakeFromUser(TimePoint now) {
    if (!MayRead(now)) return;
    const Bytes octets = pty_.Read(kReadMax);
    if (octets.empty()) return;
    board_.HostSends(octets, baud_);
    wire_idle_from_ = std::max(wire_idle_from_, now) + WireTime(octets.size(), baud_);
  }

  void GiveToUser() {
    const Bytes arrived = board_.HostReceives(baud_);
    const std::size_t room = kUndeliveredMax - undelivered_.size();
    Append(undelivered_, ByteSpan(arrived).first(std::min(room, arrived.size())));
    const std::size_t taken = pty_.Write(undelivered_);
    undelivered_.erase(undelivered_.begin(),
                       undelivered_.begin() + static_cast<std::ptrdiff_t>(taken));
  }

  TimePoint NextLook(TimePoint now) const {
    const nanoseconds pause = std::clamp(WireTime(kOctetsPerLook, baud_), kLookMin, kLookMax);
    TimePoint next = std::max(board_.NextEvent(), now + pause);
    if (!MayRead(now)) next = std::min(next, wire_idle_from_ - kReadAhead + kLookMax);
    return std::min(next, now + kWaitMax);
  }

  // Until the board has something, or until somebody wants something.
  void Wait(TimePoint now) {
    std::vector<pollfd> waiting = {
        {pty_.Device(), static_cast<short>(MayRead(now) ? POLLIN : 0), 0},
        {pty_.UsageEvents(), POLLIN, 0}};
    if (!undelivered_.empty()) waiting[0].events |= POLLOUT;
    if (lines_ != nullptr)
      for (const int descriptor : lines_->Descriptors()) waiting.push_back({descriptor, POLLIN, 0});
    const nanoseconds left = std::max(nanoseconds(NextLook(now) - clock_.Now()), nanoseconds(0));
    const timespec limit{left.count() / 1'000'000'000, left.count() % 1'000'000'000};
    if (::ppoll(waiting.data(), waiting.size(), &limit, nullptr) <= 0) return;
    if (waiting[1].revents != 0) pty_.NoteUsage();
    const bool lines_wanted =
        std::any_of(waiting.begin() + 2, waiting.end(), [](auto& entry) { return entry.revents; });
    if (lines_wanted)
      lines_->Serve([this](std::string_view request) { return desk_.Answer(request); });
  }

  SimulatedBoard& board_;
  Clock& clock_;
  PseudoTerminal& pty_;
  LinesSocket* lines_;  // nullptr: nobody drives the pins
  LinesDesk desk_;
  std::uint32_t baud_ = 0;
  TimePoint wire_idle_from_{};
  Bytes undelivered_;
};

}  // namespace

Result<void> ServeOnPty(SimulatedBoard& board, const PtyServerOptions& options, Clock& clock,
                        const Interrupt& interrupt, const std::function<void()>& ready) {
  if (options.link.empty())
    return Fail(ExitCode::kUsage, "the simulated board's serial device has no name",
                "name the link that is to point to it");
  TRY(PseudoTerminal pty, PseudoTerminal::Open());
  std::optional<LinesSocket> lines;
  if (!options.lines_socket.empty()) {
    TRY(LinesSocket socket, LinesSocket::Listen(options.lines_socket));
    lines.emplace(std::move(socket));
  }
  TRY(const DeviceLink link, DeviceLink::Make(options.link, pty.path()));
  if (ready) ready();
  Server(board, clock, pty, lines ? &*lines : nullptr).Run(interrupt);
  return {};
}

}  // namespace lastgood::sim
