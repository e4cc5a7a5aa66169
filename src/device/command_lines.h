// SPDX-License-Identifier: MIT
// [board.lines] kind = "command": programs of the recipe drive the pins, whatever they drive them
// with: a relay, a USB hub, another computer.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "device/board_lines.h"
#include "host/process_runner.h"

namespace lastgood {

class CommandLines final : public BoardLines {
 public:
  // `runner` must outlive the lines. Each program gets `timeout`, and releases the lines itself.
  CommandLines(std::vector<std::string> enter_download, std::vector<std::string> run_firmware,
               ProcessRunner& runner, std::chrono::milliseconds timeout)
      : enter_download_(std::move(enter_download)),
        run_firmware_(std::move(run_firmware)),
        runner_(runner),
        timeout_(timeout) {}

  // `patience` is the programs' own business. kBoard when one fails, with its last
  // words, or hangs: then it has been killed.
  Result<void> Reset(BoardMode mode, int patience) override;
  std::string Name() const override;

 private:
  std::vector<std::string> enter_download_;
  std::vector<std::string> run_firmware_;
  ProcessRunner& runner_;
  std::chrono::milliseconds timeout_;
};

}  // namespace lastgood
