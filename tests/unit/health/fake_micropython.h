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
  // What becomes of the request for raw-paste: releases before 1.14 start the raw REPL anew, others
  // have it switched off; some accept it and then say nothing, at once or after a window's worth.
  enum class RawPaste { kWorks, kOld, kOff, kSilent, kStalls };
  enum class Program { kNone, kQuiet, kFloods, kFloodsBinary };

  std::string banner = "MicroPython v1.22.1 on 2024-01-05; ESP module (1M) with ESP8266";
  std::string before_banner = "#5 ets_task(4020f540, 28, 3fff96f8, 10)\r\n";
  std::string after_prompt;  // said unasked, 50 ms behind the first prompt
  bool prompt_before_banner = false;
  bool waits_for_key = false;  // CircuitPython, once its program has ended
  milliseconds setup_time{150};
  Raw raw = Raw::kWorks;
  RawPaste raw_paste = RawPaste::kWorks;
  int raw_pastes = 0;  // that were asked for
  bool paste = true;
  bool friendly = true;
  Program program = Program::kNone;
  int interrupts_ignored = 0;     // so many Ctrl-C are swallowed by the program
  std::string answer_of_program;  // that is how it takes a Ctrl-C
  bool tells_banner_again = true;
  int garbled_greeting = 0;   // the n-th one loses an octet of its version, 0: none does
  int garbled_execution = 0;  // the output of the n-th code loses its first octet
  std::optional<std::string> says_instead;  // whatever is computed, it prints this
  // Crashes and resets of its own accord.
  std::string crash_text;                   // "" = resets without a word
  std::optional<milliseconds> crash_after;  // after every start
  std::optional<int> crash_at_execution;    // while it runs the n-th code
  std::optional<int> hangs_at_execution;    // the n-th code never ends
  // The interpreter starts anew, the chip does not: says this, its banner and the prompt.
  std::optional<milliseconds> soft_reset_after;
  std::string soft_reset_text = "MPY: soft reboot\r\n";
  int crashes_left = 1'000'000;
  TinyPython python;
  bool lasting_values = true;  // false: a crash leaves nothing of python.values
  int executions = 0;
  bool setup_disturbed = false;  // somebody pressed Ctrl-C before it had started

  void Start(FakeBoard& board) override {
    python.Forget();
    greetings_ = 0;
    state_ = State::kBooting;
    input_.clear();
    interrupts_left_ = interrupts_ignored;
    executions = 0;
    board.After(milliseconds(60), [this, &board] { board.Say(before_banner); });
    board.After(milliseconds(60) + setup_time, [this, &board] { StartProgram(board); });
    if (crash_after) board.After(*crash_after, [this, &board] { Crash(board); });
    if (soft_reset_after) board.After(*soft_reset_after, [this, &board] { SoftReset(board); });
  }

  void Receive(FakeBoard& board, std::uint8_t octet) override {
    switch (state_) {
      case State::kBooting:
        if (octet == 3) setup_disturbed = true;
        return;
      case State::kProgram:
        if (octet == 3 && interrupts_left_-- <= 0) return StopProgram(board);
        if (octet == 3) board.Say(answer_of_program);
        return;
      case State::kFriendly:
        return ReceiveFriendly(board, octet);
      case State::kRaw:
        return ReceiveRaw(board, octet);
      case State::kPaste:
        return ReceivePaste(board, octet);
      case State::kRawPaste:
        return ReceiveRawPaste(board, octet);
      case State::kWaitsForKey:
        return Greet(board);
    }
  }

  bool at_prompt() const { return state_ == State::kFriendly && input_.empty(); }

 private:
  enum class State { kBooting, kProgram, kFriendly, kRaw, kPaste, kRawPaste, kWaitsForKey };
  static constexpr int kWindow = 128;

  void StartProgram(FakeBoard& board) {
    if (program == Program::kNone) return ProgramHasEnded(board);
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
    ProgramHasEnded(board);
  }

  void ProgramHasEnded(FakeBoard& board) {
    if (!waits_for_key) return Greet(board);
    state_ = State::kWaitsForKey;
    board.Say(
        "\r\nCode done running.\r\n\r\nPress any key to enter the REPL. Use CTRL-D to reload.\r\n");
  }

  void SoftReset(FakeBoard& board) {
    python.Forget();
    board.Say(soft_reset_text);
    Greet(board);
  }

  void Greet(FakeBoard& board) {
    state_ = State::kFriendly;
    input_.clear();
    if (prompt_before_banner) board.Say("\r\n>>> ");
    std::string greeting = banner;
    if (++greetings_ == garbled_greeting) greeting.erase(greeting.find(" v1.") + 4, 1);
    board.Say("\r\n" + greeting + "\r\nType \"help()\" for more information.\r\n>>> ");
    if (!after_prompt.empty())
      board.After(milliseconds(50), [this, &board] { board.Say(std::exchange(after_prompt, {})); });
  }

  void Crash(FakeBoard& board) {
    if (crashes_left-- <= 0) return;
    if (!lasting_values) python.values.clear();
    board.Say(crash_text);
    state_ = State::kBooting;
    board.After(milliseconds(30), [&board] { board.ResetItself(); });
  }

  void Run(FakeBoard& board, bool framed, std::string_view lead = "OK") {
    const std::string code = std::exchange(input_, {});
    ++executions;
    if (executions == crash_at_execution) return Crash(board);
    if (executions == hangs_at_execution) return;
    TinyPython::Outcome outcome = python.Run(code);
    if (executions == garbled_execution) outcome.output.erase(0, 1);
    if (says_instead) outcome.output = *says_instead;
    if (framed) {
      board.Say(std::string(lead) + outcome.output + "\x04" + outcome.error + "\x04>");
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
    if (octet == 1) return ReceiveCtrlA(board);
    if (octet != 4) {
      input_ += static_cast<char>(octet);
    } else if (raw == Raw::kHangs) {
      board.Say("OK");
    } else {
      Run(board, true);
    }
  }

  void ReceiveCtrlA(FakeBoard& board) {
    const bool asks = std::exchange(input_, {}) ==
                      "\x05"
                      "A";
    raw_pastes += asks ? 1 : 0;
    if (!asks || raw_paste == RawPaste::kOld) return board.Say("raw REPL; CTRL-B to exit\r\n>");
    if (raw_paste == RawPaste::kOff) return board.Say(std::string("R\0>", 3));
    board.Say(std::string("R\x01\x80\0\x01", 5));
    state_ = State::kRawPaste;
    window_left_ = kWindow;
    unseen_ = 0;
  }

  // A host that sends more than it was granted overruns the receive buffer.
  void ReceiveRawPaste(FakeBoard& board, std::uint8_t octet) {
    if (octet == 3) {
      state_ = State::kRaw;
      return board.Say("\x04\x04KeyboardInterrupt: \r\n\x04>");
    }
    if (raw_paste == RawPaste::kSilent) return;
    if (octet == 4) {
      if (raw_paste == RawPaste::kStalls) return;
      state_ = State::kRaw;
      return Run(board, true, "\x04");
    }
    if (++unseen_ > 2 * kWindow) return;
    input_ += static_cast<char>(octet);
    if (--window_left_ > 0 || raw_paste == RawPaste::kStalls) return;
    window_left_ = kWindow;
    board.After(milliseconds(30), [this, &board] {
      unseen_ -= kWindow;
      board.Say("\x01");
    });
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
  int greetings_ = 0;
  int interrupts_left_ = 0;
  int window_left_ = 0;
  int unseen_ = 0;  // sent by raw-paste and not yet taken from the receive buffer
};

}  // namespace lastgood::test
