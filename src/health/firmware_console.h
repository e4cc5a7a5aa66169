// SPDX-License-Identifier: MIT
// What a health check wants from a firmware's console, whichever it is. All functions fail with
// kBoard when the device is gone and with kInterrupted; a board that does not answer is no error.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace lastgood {

struct ConsoleAnswer {
  std::string output;
  std::string error;  // empty when the command succeeded
};

class FirmwareConsole {
 public:
  virtual ~FirmwareConsole() = default;

  // Finds a way in and lets the firmware prove that it is there. `at_prompt`: it has said that it
  // waits for input. False: no proof was had; takes at most 10 s.
  virtual Result<bool> Open(bool at_prompt) = 0;
  virtual Result<std::string> ReadVersion() = 0;  // empty: it does not tell
  // nullopt: no complete answer within `limit`.
  virtual Result<std::optional<ConsoleAnswer>> Execute(std::string_view code,
                                                       std::chrono::milliseconds limit) = 0;
  // Leaves something in the firmware's memory that a reset wipes out, and looks whether it is still
  // there. Where nothing can be left, MarkIsThere() asks for a fresh proof.
  virtual Result<void> LeaveMark() = 0;
  virtual Result<bool> MarkIsThere() = 0;
  virtual Result<void> Close() = 0;  // takes the mark back

  // Open() had to stop a program; only a reset starts it again.
  virtual bool stopped_program() const = 0;
  virtual std::string Name() const = 0;  // "REPL", "AT firmware"
};

}  // namespace lastgood
