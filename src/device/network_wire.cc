// SPDX-License-Identifier: MIT
#include "device/network_wire.h"

#include <fmt/format.h>

#include <algorithm>

namespace lastgood {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

constexpr milliseconds kNetworkLimit{2000};
constexpr milliseconds kDrainPoll{2};

nanoseconds WireTime(std::size_t octets, std::uint32_t baud) {
  constexpr std::uint64_t kBitsPerOctet = 10;  // 8N1: start, eight, stop
  return nanoseconds(octets * kBitsPerOctet * 1'000'000'000 / std::max(baud, 1U));
}

}  // namespace

Deadline NetworkWire::Patience(milliseconds more) const {
  return Deadline(clock_, std::max(idle_from_ - clock_.Now(), nanoseconds(0)) + more);
}

Result<void> NetworkWire::Send(TcpConnection& connection, ByteSpan encoded, std::size_t octets,
                               std::uint32_t baud) {
  idle_from_ = std::max(idle_from_, clock_.Now()) + WireTime(octets, baud);
  return connection.Send(encoded, Patience(kNetworkLimit));
}

Result<void> NetworkWire::Drain(const TcpConnection& connection) {
  const Deadline deadline = Patience(kNetworkLimit);
  for (;;) {
    TRY(const std::size_t left, connection.Unsent());
    if (left == 0) break;
    if (deadline.Expired())
      return Fail(ExitCode::kBoard,
                  fmt::format("serial device '{}' keeps {} bytes back", connection.name(), left),
                  "is its server stuck, or the network too slow?");
    clock_.SleepFor(kDrainPoll);
  }
  clock_.SleepUntil(idle_from_);
  return {};
}

}  // namespace lastgood
