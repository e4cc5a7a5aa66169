// SPDX-License-Identifier: MIT
#include "sim/pty_server.h"

#include <utility>

#include "sim/device_link.h"
#include "sim/lines_socket.h"
#include "sim/pseudo_terminal.h"
#include "sim/real_time_pump.h"

namespace lastgood::sim {
namespace {

class PtyUser final : public UartUser {
 public:
  explicit PtyUser(PseudoTerminal& pty) : pty_(pty) {}

  std::uint32_t BaudRate() override { return pty_.BaudRate(); }
  Sent Take(std::size_t size_max, bool) override { return {pty_.Read(size_max)}; }
  std::size_t Give(ByteSpan octets) override { return pty_.Write(octets); }

  void AddWaits(bool may_take, bool has_octets, std::vector<pollfd>& waits) const override {
    const int events = (may_take ? POLLIN : 0) | (has_octets ? POLLOUT : 0);
    waits.push_back({pty_.Device(), static_cast<short>(events), 0});
    waits.push_back({pty_.UsageEvents(), POLLIN, 0});
  }
  void Attend(TimePoint) override { pty_.NoteUsage(); }

 private:
  PseudoTerminal& pty_;
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
  PtyUser user(pty);
  PumpInRealTime(board, user, lines ? &*lines : nullptr, clock, interrupt);
  return {};
}

}  // namespace lastgood::sim
