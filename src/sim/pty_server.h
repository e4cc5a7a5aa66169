// SPDX-License-Identifier: MIT
// The simulated board in real time for other processes: its UART on a pty with byte-accurate pacing
// at the rate that the pty's user has set, its lines on a Unix socket.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "device/board_lines.h"
#include "host/clock.h"
#include "host/interrupt.h"
#include "sim/simulated_board.h"

namespace lastgood::sim {

struct PtyServerOptions {
  std::filesystem::path
      link;  // symbolic link to the pty that is made; replaced when it is a link already
  // Stream socket; one request a line (sim/lines_socket.h; SendLines speaks it). Empty = none.
  std::filesystem::path lines_socket;
};

// Serves until `interrupt`. Calls `ready` once pty and socket are there. The link and the socket
// are removed at the end.
Result<void> ServeOnPty(SimulatedBoard& board, const PtyServerOptions& options, Clock& clock,
                        const Interrupt& interrupt, const std::function<void()>& ready);

// The other side of the lines socket, as `lastgood simulate lines SOCKET download|run|hold` uses
// it: plays the reset sequence on the board's pins. Returns when the board has acknowledged the
// last level. Requests: download, run, hold (reset stays asserted), release, power on, power off.
// kUsage for another one, kBoard when no simulated board answers within 2 s.
Result<void> SendLines(const std::filesystem::path& socket, std::string_view request, Clock& clock);

// A console that is another program (argv), bridged through pipes; started anew at every boot and
// killed with everything it started at every reset. While it cannot be started or has ended, the
// board is silent and Console::Problem() says why. The environment variable LASTGOOD_SIM_FIRMWARE
// carries FirmwareFacts::version.
std::unique_ptr<Console> MakeExternalConsole(std::vector<std::string> argv);

}  // namespace lastgood::sim
