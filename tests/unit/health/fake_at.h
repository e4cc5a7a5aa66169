// SPDX-License-Identifier: MIT
// Espressif's AT firmware as a health check meets it.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "unit/health/fake_board.h"

namespace lastgood::test {

class FakeAt final : public FakeApplication {
 public:
  std::string greeting = "\r\nAi-Thinker Technology Co. Ltd.\r\n\r\nready\r\n";
  milliseconds setup_time{300};
  std::string version =
      "AT version:1.1.0.0(May 11 2016 18:09:56)\r\nSDK version:1.5.4(baaeaebb)\r\n"
      "compile time:May 20 2016 15:08:19\r\n";
  std::string version_at_first;  // the first answer is this one, garbled; empty: none is
  std::map<std::string, std::string> answers;  // of further commands, without the final OK
  int busy_left = 0;
  std::string busy_text = "busy p...\r\n";
  std::string unasked;  // said before each answer
  bool echo_can_be_off = true;
  std::optional<milliseconds> reset_after;
  int resets_left = 1'000'000;
  bool echo = true;
  bool echo_at_start = true;

  void Start(FakeBoard& board) override {
    running_ = false;
    echo = echo_at_start;
    line_.clear();
    board.After(setup_time, [this, &board] {
      running_ = true;
      board.Say(greeting);
    });
    if (reset_after)
      board.After(*reset_after, [this, &board] {
        if (resets_left-- > 0) board.ResetItself();
      });
  }

  void Receive(FakeBoard& board, std::uint8_t octet) override {
    if (!running_) return;
    if (echo) board.Say(std::string(1, static_cast<char>(octet)));
    if (octet == '\n') return Answer(board, std::exchange(line_, {}));
    if (octet != '\r') line_ += static_cast<char>(octet);
  }

 private:
  void Answer(FakeBoard& board, const std::string& command) {
    if (command.empty()) return;
    if (busy_left-- > 0) return board.Say(busy_text);
    board.Say(unasked);
    if (command == "ATE0") echo = !echo_can_be_off;
    if (command == "ATE1") echo = true;
    if (command == "AT+GMR") {
      const std::string first = std::exchange(version_at_first, {});
      board.Say((first.empty() ? version : first) + "OK\r\n");
    } else if (const auto answer = answers.find(command); answer != answers.end()) {
      board.Say(answer->second + "\r\n\r\nOK\r\n");
    } else if (command == "AT" || command == "ATE0" || command == "ATE1") {
      board.Say("\r\nOK\r\n");
    } else {
      board.Say("\r\nERROR\r\n");
    }
  }

  bool running_ = false;
  std::string line_;
};

}  // namespace lastgood::test
