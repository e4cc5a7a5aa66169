// SPDX-License-Identifier: MIT
// A simulated board that a thread serves behind a TCP port of this machine.
#pragma once

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "host/clock.h"
#include "host/interrupt.h"
#include "sim/network_server.h"
#include "sim/simulated_board.h"

namespace lastgood::test {

class NetworkedBoard {
 public:
  explicit NetworkedBoard(sim::NetworkServerOptions options = {}, ByteSpan flash = {}) {
    auto board = sim::SimulatedBoard::Make({}, clock_);
    EXPECT_TRUE(board) << board.error().message;
    board_ = *std::move(board);
    if (!flash.empty()) board_->WriteFlash(0, flash);
    if (options.address.empty()) options.address = "0";
    std::promise<std::string> ready;
    std::future<std::string> name = ready.get_future();
    thread_ = std::thread([this, options, told = std::move(ready)]() mutable {
      const auto served =
          sim::ServeOnNetwork(*board_, options, clock_, interrupt_,
                              [&told](const std::string& is) { told.set_value(is); });
      EXPECT_TRUE(served) << served.error().message;
    });
    name_ = name.get();
  }
  ~NetworkedBoard() { Stop(); }

  const std::string& name() const { return name_; }  // "rfc2217://127.0.0.1:40123"
  std::string tcp_port() const { return name_.substr(name_.rfind(':') + 1); }

  // Then the board may be looked at.
  void Stop() {
    interrupt_.Request();
    if (thread_.joinable()) thread_.join();
  }
  sim::SimulatedBoard& board() { return *board_; }

 private:
  SystemClock clock_;
  Interrupt interrupt_;
  std::unique_ptr<sim::SimulatedBoard> board_;
  std::string name_;
  std::thread thread_;
};

}  // namespace lastgood::test
