// SPDX-License-Identifier: MIT
// The REPL of MicroPython on an ESP8266, and CircuitPython's, which differs in its name (protocol
// reference, section 16): friendly REPL, paste mode, raw REPL and, from 1.14 on, raw-paste. The
// wording follows the release that is flashed. Not there: cursor movement, history, tab completion
// and automatic indentation.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sim/console.h"
#include "sim/micropython_interpreter.h"

namespace lastgood::sim {

class MicropythonConsole final : public Console {
 public:
  Bytes Start(const FirmwareFacts& facts) override;
  Bytes Receive(std::uint8_t octet) override;

 private:
  enum class Mode { kFriendly, kPaste, kRaw, kRawPaste, kBusy, kAnyKey };

  void Friendly(char c);
  void FriendlyControl(char c);
  void LineEnd();
  void Paste(char c);
  void Raw(char c);
  void RawPaste(char c);
  void Busy(char c);

  void Boot();
  void RunMain();
  void StopMain();
  void MainHasEnded();
  void SoftReset();
  void EnterFriendly();
  void EnterRaw();
  void Prompt();
  void StartRawPaste(char command);
  void Append(char c);
  void Execute(bool echo, bool raw);
  void Finish(std::string_view traceback, bool raw);
  void Say(std::string_view text) { out_ += text; }
  void SayCooked(std::string_view text);
  bool SwallowedAsEscape(char c);

  FirmwareFacts facts_;
  std::optional<MicropythonInterpreter> interpreter_;
  Mode mode_ = Mode::kFriendly;
  std::string source_;  // what has been entered and not yet executed
  bool source_too_long_ = false;
  std::size_t line_start_ = 0;  // in source_: the line that is being edited
  enum class Escape { kNone, kBegun, kInside } escape_ = Escape::kNone;
  int window_left_ = 0;       // kRawPaste: octets until the host is granted another window
  bool in_main_ = false;      // kBusy: in main.py, which an interrupt ends
  bool busy_in_raw_ = false;  // kBusy: where the interrupt leads back to
  std::string traceback_when_interrupted_;
  std::string out_;
};

}  // namespace lastgood::sim
