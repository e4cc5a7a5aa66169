// SPDX-License-Identifier: MIT
// MicroPython as a health check meets it, good and bad. Texts are those of the released firmware.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "unit/health/fake_board.h"
#include "unit/health/tiny_python.h"

namespace lastgood::test {

class FakeMicropython final : public FakeApplication {
 public:
  enum class Raw { kWorks, kHangs, kMissing };
  enum class Program { kNone, kQuiet, kFloods, kFloodsBinary };

  std::string banner = "MicroPython v1.22.1 on 2024-01-05; ESP module (1M) with ESP8266";
  std::string before_banner = "#5 ets_task(4020f540, 28, 3fff96f8, 10)\r\n";
  milliseconds setup_time{150};
  Raw raw = Raw::kWorks;
  bool paste = true;
  bool friendly = true;
  Program program = Program::kNone;
  int interrupts_ignored = 0;  // so many Ctrl-C are swallowed by the program
  bool tells_banner_again = true;
  std::optional<std::string> says_instead;  // whatever is computed, it prints this
  // Crashes and resets of its own accord.
  std::string crash_text;                   // "" = resets without a word
  std::optional<milliseconds> crash_after;  // after every start
  std::optional<int> crash_at_execution;    // while it runs the n-th code
  int crashes_left = 1'000'000;
  TinyPython python;
  int executions = 0;
  bool setup_disturbed = false;  // somebody pressed Ctrl-C before it had started

  void Start(FakeBoard& board) override {
    python.Forget();
    state_ = State::kBooting;
    input_.clear();
    interrupts_left_ = interrupts_ignored;
    executions = 0;
    board.After(milliseconds(60), [this, &board] { board.Say(before_banner); });
    board.After(milliseconds(60) + setup_time, [this, &board] { StartProgram(board); });
    if (crash_after) board.After(*crash_after, [this, &board] { Crash(board); });
  }

  void Receive(FakeBoard& board, std::uint8_t octet) override {
    switch (state_) {
      case State::kBooting:
        if (octet == 3) setup_disturbed = true;
        return;
      case State::kProgram:
        if (octet == 3 && interrupts_left_-- <= 0) StopProgram(board);
        return;
      case State::kFriendly:
        return ReceiveFriendly(board, octet);
      case State::kRaw:
        return ReceiveRaw(board, octet);
      case State::kPaste:
        return ReceivePaste(board, octet);
    }
  }

  bool at_prompt() const { return state_ == State::kFriendly && input_.empty(); }

 private:
  enum class State { kBooting, kProgram, kFriendly, kRaw, kPaste };

  void StartProgram(FakeBoard& board) {
    if (program == Program::kNone) return Greet(board);
    state_ = State::kProgram;
    Print(board);
  }

  void Print(FakeBoard& board) {
    if (state_ != State::kProgram) return;
    if (program == Program::kFloods) board.Say("temperature 21.5 °C, humidity 40 %\r\n");
    if (program == Program::kFloodsBinary) board.Say("\xff\x80\x9a\xc1\x00\xe2\x95\x01\xf0\xa0");
    if (program != Program::kQuiet) board.After(milliseconds(8), [this, &board] { Print(board); });
  }

  void StopProgram(FakeBoard& board) {
    board.Say(
        "Traceback (most recent call last):\r\n  File \"main.py\", line 3, in <module>\r\n"
        "KeyboardInterrupt: \r\n");
    Greet(board);
  }

  void Greet(FakeBoard& board) {
    state_ = State::kFriendly;
    input_.clear();
    board.Say("\r\n" + banner + "\r\nType \"help()\" for more information.\r\n>>> ");
  }

  void Crash(FakeBoard& board) {
    if (crashes_left-- <= 0) return;
    board.Say(crash_text);
    state_ = State::kBooting;
    board.After(milliseconds(30), [&board] { board.ResetItself(); });
  }

  void Run(FakeBoard& board, bool framed) {
    const std::string code = std::exchange(input_, {});
    if (crash_at_execution && ++executions == *crash_at_execution) return Crash(board);
    TinyPython::Outcome outcome = python.Run(code);
    if (says_instead) outcome.output = *says_instead;
    if (framed) {
      board.Say("OK" + outcome.output + "\x04" + outcome.error + "\x04>");
    } else {
      board.Say("\r\n" + outcome.output + outcome.error + ">>> ");
    }
  }

  void ReceiveFriendly(FakeBoard& board, std::uint8_t octet) {
    if (octet == 1 && raw != Raw::kMissing) {
      state_ = State::kRaw;
      input_.clear();
      board.Say("\r\nraw REPL; CTRL-B to exit\r\n>");
    } else if (octet == 2) {
      if (tells_banner_again) return Greet(board);
      board.Say("\r\n>>> ");
    } else if (octet == 3) {
      input_.clear();
      board.Say("\r\n>>> ");
    } else if (octet == 5 && paste) {
      state_ = State::kPaste;
      input_.clear();
      board.Say("\r\npaste mode; Ctrl-C to cancel, Ctrl-D to finish\r\n=== ");
    } else if (octet == '\r') {
      if (friendly) return Run(board, false);
      input_.clear();
      board.Say("\r\n>>> ");
    } else if (octet >= 0x20) {
      input_ += static_cast<char>(octet);
      board.Say(std::string(1, static_cast<char>(octet)));
    }
  }

  void ReceiveRaw(FakeBoard& board, std::uint8_t octet) {
    if (octet == 2) {
      if (tells_banner_again) return Greet(board);
      state_ = State::kFriendly;
      return board.Say("\r\n>>> ");
    }
    if (octet == 3) return input_.clear();
    if (octet != 4) {
      input_ += static_cast<char>(octet);
    } else if (raw == Raw::kHangs) {
      board.Say("OK");
    } else {
      Run(board, true);
    }
  }

  void ReceivePaste(FakeBoard& board, std::uint8_t octet) {
    if (octet == 3 || octet == 4) {
      state_ = State::kFriendly;
      if (octet == 4) return Run(board, false);
      return board.Say("\r\n>>> ");
    }
    input_ += static_cast<char>(octet);
    board.Say(std::string(1, static_cast<char>(octet)));
  }

  State state_ = State::kBooting;
  std::string input_;
  int interrupts_left_ = 0;
};

}  // namespace lastgood::test
