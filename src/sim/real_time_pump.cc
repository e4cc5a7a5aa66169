// SPDX-License-Identifier: MIT
// Time on the wire is the board's: it knows when each octet has arrived. The pump only has to look
// often enough: at every octet it would wake ten thousand times a second, so it looks again after a
// few octets' time, which delays the last octet of an answer by less than a UART's FIFO does.
#include "sim/real_time_pump.h"

#include <algorithm>
#include <chrono>

namespace lastgood::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

constexpr int kOctetsPerLook = 8;
constexpr nanoseconds kLookMin = std::chrono::microseconds(100);
constexpr nanoseconds kLookMax = milliseconds(1);
constexpr nanoseconds kWaitMax = milliseconds(50);  // then the interrupt is looked at

// What the user wrote is taken from him this far ahead of the wire; the rest stays where it is, so
// that a user who writes much waits as he would for a real device.
constexpr nanoseconds kReadAhead = std::chrono::seconds(1);
constexpr std::size_t kReadMax = 4096;

// Octets that the user did not read in time; more are lost, as in an overrun.
constexpr std::size_t kUndeliveredMax = 4096;

nanoseconds WireTime(std::size_t octets, std::uint32_t baud) {
  constexpr std::uint64_t kBitsPerOctet = 10;
  return nanoseconds(octets * kBitsPerOctet * 1'000'000'000 / std::max(baud, 1U));
}

class Pump {
 public:
  Pump(SimulatedBoard& board, UartUser& user, LinesSocket* lines, Clock& clock)
      : board_(board), clock_(clock), user_(user), lines_(lines), desk_(board) {}

  void Run(const Interrupt& interrupt) {
    while (!interrupt.Requested()) {
      const TimePoint now = clock_.Now();
      user_.Attend(now);
      do FollowBaudRate(now);
      while (TakeFromUser(now));
      GiveToUser();
      Wait(now);
    }
  }

 private:
  // A new rate counts once everything written before has left. On a real device its user waited for
  // that (tcdrain); on a pty that wait is over at once.
  void FollowBaudRate(TimePoint now) {
    const std::uint32_t set = user_.BaudRate();
    if (baud_ == 0 || now >= wire_idle_from_) baud_ = set;
  }

  bool MayTake(TimePoint now) const { return wire_idle_from_ - now < kReadAhead; }

  // Whether to ask again at once.
  bool TakeFromUser(TimePoint now) {
    if (!MayTake(now)) return false;
    const UartUser::Sent sent = user_.Take(kReadMax, now >= wire_idle_from_);
    if (sent.octets.empty()) return sent.more;
    board_.HostSends(sent.octets, baud_);
    wire_idle_from_ = std::max(wire_idle_from_, now) + WireTime(sent.octets.size(), baud_);
    return sent.more;
  }

  void GiveToUser() {
    const Bytes arrived = board_.HostReceives(baud_);
    const std::size_t room = kUndeliveredMax - undelivered_.size();
    Append(undelivered_, ByteSpan(arrived).first(std::min(room, arrived.size())));
    const std::size_t taken = user_.Give(undelivered_);
    undelivered_.erase(undelivered_.begin(),
                       undelivered_.begin() + static_cast<std::ptrdiff_t>(taken));
  }

  TimePoint NextLook(TimePoint now) const {
    const nanoseconds pause = std::clamp(WireTime(kOctetsPerLook, baud_), kLookMin, kLookMax);
    TimePoint next = std::max(board_.NextEvent(), now + pause);
    if (!MayTake(now)) next = std::min(next, wire_idle_from_ - kReadAhead + kLookMax);
    if (wire_idle_from_ > now) next = std::min(next, wire_idle_from_);
    return std::min({next, user_.NextEvent(), now + kWaitMax});
  }

  // Until the board has something, or until somebody wants something.
  void Wait(TimePoint now) {
    std::vector<pollfd> waits;
    user_.AddWaits(MayTake(now), !undelivered_.empty(), waits);
    const auto lines_first = static_cast<std::ptrdiff_t>(waits.size());
    if (lines_ != nullptr)
      for (const int descriptor : lines_->Descriptors()) waits.push_back({descriptor, POLLIN, 0});
    const nanoseconds left = std::max(nanoseconds(NextLook(now) - clock_.Now()), nanoseconds(0));
    const timespec limit{left.count() / 1'000'000'000, left.count() % 1'000'000'000};
    if (::ppoll(waits.data(), waits.size(), &limit, nullptr) <= 0) return;
    const bool lines_wanted = std::any_of(waits.begin() + lines_first, waits.end(),
                                          [](const pollfd& entry) { return entry.revents != 0; });
    if (lines_wanted)
      lines_->Serve([this](std::string_view request) { return desk_.Answer(request); });
  }

  SimulatedBoard& board_;
  Clock& clock_;
  UartUser& user_;
  LinesSocket* lines_;
  LinesDesk desk_;
  std::uint32_t baud_ = 0;
  TimePoint wire_idle_from_{};
  Bytes undelivered_;
};

}  // namespace

void PumpInRealTime(SimulatedBoard& board, UartUser& user, LinesSocket* lines, Clock& clock,
                    const Interrupt& interrupt) {
  Pump(board, user, lines, clock).Run(interrupt);
}

}  // namespace lastgood::sim
