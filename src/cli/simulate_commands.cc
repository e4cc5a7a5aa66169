// SPDX-License-Identifier: MIT
// The simulated board for other processes, its lines, and images for it.
#include <fmt/format.h>

#include <memory>
#include <utility>

#include "base/units.h"
#include "cli/commands.h"
#include "host/files.h"
#include "sim/image_factory.h"
#include "sim/pty_server.h"
#include "sim/simulated_board.h"

namespace lastgood {

Result<ExitCode> RunSimulateBoard(const CommandLine& line, Toolbox& tools) {
  TRY(const sim::BoardOptions options, sim::ParseBoardOptions(line.sim_board));
  std::unique_ptr<sim::Console> console;
  if (!line.console.empty()) {
    console = sim::ForMicropythonOnly(sim::MakeExternalConsole(line.console));
  }
  TRY(const auto board, sim::SimulatedBoard::Make(options, tools.clock, std::move(console)));
  const SignalWatch watch(tools.interrupt);
  TRY_DO(sim::ServeOnPty(*board, {line.link, line.lines_socket}, tools.clock, tools.interrupt, [&] {
    fmt::print(tools.out, "simulated {} {}, {} flash, serial device {}, lines {}\n",
               ChipTitle(Chip::kEsp8266), options.mac.ToString(),
               FormatFlashSize(options.flash_size_bytes), line.link, line.lines_socket);
    std::fflush(tools.out);
  }));
  return ExitCode::kDone;
}

Result<ExitCode> RunSimulateLines(const CommandLine& line, Toolbox& tools) {
  TRY_DO(sim::SendLines(line.lines_socket, line.lines_request, tools.clock));
  return ExitCode::kDone;
}

Result<ExitCode> RunSimulateImage(const CommandLine& line, Toolbox& tools) {
  const Bytes image = sim::MakeImage(line.image);
  TRY_DO(WriteFileDurably(line.output, image));
  if (!line.quiet) fmt::print(tools.out, "{}: {} bytes\n", line.output, image.size());
  return ExitCode::kDone;
}

}  // namespace lastgood
