// SPDX-License-Identifier: MIT
// The simulated board in real time behind a real serial device that is crossed with the one that
// its user opens, its pins on lines of a simulated GPIO chip: everything between the user's program
// and the board is then the kernel's own, its GPIO interface and its UART driver.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>

#include "base/result.h"
#include "host/clock.h"
#include "host/interrupt.h"
#include "sim/gpio_sim_pins.h"
#include "sim/simulated_board.h"

namespace lastgood::sim {

struct UartServerOptions {
  std::filesystem::path uart;  // the board's end
  // The user's end. It is kept open to ask for its rate, since UARTs of virtual machines understand
  // each other at unequal rates: what the board then gets is computed. A program that looks for
  // other users of its device finds us there, unless this is a device node of another name.
  std::filesystem::path peer_uart;
  std::optional<GpioSimPlace> pins;
  std::filesystem::path lines_socket;  // as PtyServerOptions::lines_socket; empty = none
};

// Serves until `interrupt`. Calls `ready` once the pins are pulled up and the devices are set up.
// kBoard when a device or the chip can not be used.
Result<void> ServeOnUart(SimulatedBoard& board, const UartServerOptions& options, Clock& clock,
                         const Interrupt& interrupt, const std::function<void()>& ready);

}  // namespace lastgood::sim
