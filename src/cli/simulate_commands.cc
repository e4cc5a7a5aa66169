// SPDX-License-Identifier: MIT
// The simulated board for other processes, its lines, and images for it.

#include <functional>
#include <memory>
#include <utility>

#include "base/units.h"
#include "cli/commands.h"
#include "host/files.h"
#include "report/print.h"
#include "sim/image_factory.h"
#include "sim/network_server.h"
#include "sim/pty_server.h"
#include "sim/simulated_board.h"
#include "sim/uart_server.h"

namespace lastgood {
namespace {

using Announce = std::function<void(const std::string& serial_device)>;

Result<void> Serve(sim::SimulatedBoard& board, const CommandLine& line, Toolbox& tools,
                   const Announce& announce) {
  if (!line.link.empty())
    return sim::ServeOnPty(board, {line.link, line.lines_socket}, tools.clock, tools.interrupt,
                           [&] { announce(line.link); });
  if (!line.uart.empty())
    return sim::ServeOnUart(board, {line.uart, line.peer_uart, line.gpio_sim, line.lines_socket},
                            tools.clock, tools.interrupt, [&] { announce(line.peer_uart); });
  sim::NetworkServerOptions options;
  options.rfc2217 = !line.rfc2217_address.empty();
  options.address = options.rfc2217 ? line.rfc2217_address : line.tcp_address;
  options.circuit = line.modem_circuit;
  options.lines_socket = line.lines_socket;
  return sim::ServeOnNetwork(board, options, tools.clock, tools.interrupt, announce);
}

}  // namespace

Result<ExitCode> RunSimulateBoard(const CommandLine& line, Toolbox& tools) {
  TRY(const sim::BoardOptions options, sim::ParseBoardOptions(line.sim_board));
  std::unique_ptr<sim::Console> console;
  if (!line.console.empty()) {
    console = sim::ForMicropythonOnly(sim::MakeExternalConsole(line.console));
  }
  TRY(const auto board, sim::SimulatedBoard::Make(options, tools.clock, std::move(console)));
  const SignalWatch watch(tools.interrupt);
  const auto announce = [&](const std::string& serial_device) {
    Print(tools.out, "simulated {} {}, {} flash, serial device {}{}{}\n", ChipTitle(options.chip),
          options.mac.ToString(), FormatFlashSize(options.flash_size_bytes), serial_device,
          line.lines_socket.empty() ? "" : ", lines ", line.lines_socket);
    std::fflush(tools.out);
  };
  TRY_DO(Serve(*board, line, tools, announce));
  return ExitCode::kDone;
}

Result<ExitCode> RunSimulateLines(const CommandLine& line, Toolbox& tools) {
  TRY_DO(sim::SendLines(line.lines_socket, line.lines_request, tools.clock));
  return ExitCode::kDone;
}

Result<ExitCode> RunSimulateImage(const CommandLine& line, Toolbox& tools) {
  const Bytes image = sim::MakeImage(line.image);
  TRY_DO(WriteFileDurably(line.output, image));
  if (!line.quiet) Print(tools.out, "{}: {} bytes\n", line.output, image.size());
  return ExitCode::kDone;
}

}  // namespace lastgood
