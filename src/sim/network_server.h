// SPDX-License-Identifier: MIT
// The simulated board in real time for other hosts: its UART behind a TCP port, plain or with RFC
// 2217.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "base/result.h"
#include "host/clock.h"
#include "host/interrupt.h"
#include "sim/modem_circuit.h"
#include "sim/simulated_board.h"

namespace lastgood::sim {

struct NetworkServerOptions {
  bool rfc2217 = true;                                  // false: octets alone, at 115200 baud
  std::string address;                                  // "[HOST:]TCP_PORT"
  ModemCircuit circuit = ModemCircuit::kTwoTransistor;  // between DTR, RTS and the pins
  std::filesystem::path lines_socket;  // as PtyServerOptions::lines_socket; empty = none
};

// Serves one client after the other until `interrupt`. Calls `ready` with the name that clients use
// ("rfc2217://127.0.0.1:4217") once they can connect. kUsage when the address cannot be listened
// on.
Result<void> ServeOnNetwork(SimulatedBoard& board, const NetworkServerOptions& options,
                            Clock& clock, const Interrupt& interrupt,
                            const std::function<void(const std::string& name)>& ready);

}  // namespace lastgood::sim
