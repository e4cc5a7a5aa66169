// SPDX-License-Identifier: MIT
// What a health check wants from a firmware's console, whichever it is. All functions fail with
// kBoard when the device is gone and with kInterrupted; a board that does not answer is no error.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "health/firmware_version.h"

namespace lastgood {

struct ConsoleAnswer {
  std::string output;
  std::string error;  // empty when the command succeeded
};

class FirmwareConsole {
 public:
  virtual ~FirmwareConsole() = default;

  // Finds a way in and lets the firmware prove that it is there. `at_prompt`: it has said that it
  // waits for input. False: no proof was had. Begins no further attempt behind 10 s, and the
  // last one takes up to 6 s, or 9 s where AT firmware says that it is busy.
  virtual Result<bool> Open(bool at_prompt) = 0;
  // Asks for a sign of life at the line's present rate, which is no proof yet.
  virtual Result<bool> Knock(std::chrono::milliseconds limit) = 0;
  // Who has proven that it is there. Without a version: it does not tell.
  virtual Result<ProductName> Identify() = 0;
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
  virtual std::string Name() const = 0;     // "REPL", "AT firmware"
  virtual std::string Product() const = 0;  // the firmware's whose console it is: "MicroPython"
};

}  // namespace lastgood
