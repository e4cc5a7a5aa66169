// SPDX-License-Identifier: MIT
#include "sim/network_server.h"

#include <memory>
#include <optional>
#include <utility>

#include "sim/lines_socket.h"
#include "sim/network_user.h"
#include "sim/rfc2217_user.h"

namespace lastgood::sim {

Result<void> ServeOnNetwork(SimulatedBoard& board, const NetworkServerOptions& options,
                            Clock& clock, const Interrupt& interrupt,
                            const std::function<void(const std::string& name)>& ready) {
  TRY(TcpListener listener, TcpListener::Listen(options.address));
  const std::string name = (options.rfc2217 ? "rfc2217://" : "tcp://") + listener.Where();
  std::optional<LinesSocket> lines;
  if (!options.lines_socket.empty()) {
    TRY(LinesSocket socket, LinesSocket::Listen(options.lines_socket));
    lines.emplace(std::move(socket));
  }
  std::unique_ptr<NetworkUser> user;
  if (options.rfc2217)
    user = std::make_unique<Rfc2217User>(std::move(listener), board, options.circuit, clock);
  else
    user = std::make_unique<NetworkUser>(std::move(listener));
  if (ready) ready(name);
  PumpInRealTime(board, *user, lines ? &*lines : nullptr, clock, interrupt);
  return {};
}

}  // namespace lastgood::sim
