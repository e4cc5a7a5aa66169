// SPDX-License-Identifier: MIT
// MicroPython's console (protocol reference, section 16): the raw REPL, and where it does not come
// or hangs, paste mode, then the friendly REPL. Code that is longer than a receive buffer goes by
// raw-paste, where the board has it; where it accepts that and then falls silent, never again.
#pragma once

#include <string>
#include <string_view>

#include "health/challenge.h"
#include "health/firmware_console.h"
#include "health/line_listener.h"

namespace lastgood {

class MicropythonConsole final : public FirmwareConsole {
 public:
  MicropythonConsole(LineListener& line, std::uint32_t nonce_seed)
      : line_(line), challenges_(nonce_seed) {}

  Result<bool> Open(bool at_prompt) override;
  Result<bool> Knock(std::chrono::milliseconds limit) override;
  Result<ProductName> Identify() override;
  Result<std::optional<ConsoleAnswer>> Execute(std::string_view code,
                                               std::chrono::milliseconds limit) override;
  Result<void> LeaveMark() override;
  Result<bool> MarkIsThere() override;
  Result<void> Close() override;
  bool stopped_program() const override { return stopped_program_; }
  std::string Name() const override { return "REPL"; }
  std::string Product() const override { return "MicroPython"; }

 private:
  enum class Mode { kRaw, kPaste, kFriendly };

  Result<void> StopProgram();
  Result<bool> ProveIn(Mode mode);
  Result<bool> Prints(std::string_view expression, std::string_view value);
  Result<bool> EnterRaw();
  Result<void> LeaveRaw();
  Result<std::optional<ConsoleAnswer>> ExecuteRaw(std::string_view code,
                                                  std::chrono::milliseconds limit);
  Result<std::optional<ConsoleAnswer>> ExecuteLong(std::string_view code,
                                                   std::chrono::milliseconds limit);
  Result<std::optional<ConsoleAnswer>> ExecuteFramed(std::string_view code,
                                                     std::chrono::milliseconds limit);
  template <class Reader>
  Result<std::optional<ConsoleAnswer>> Await(Reader read, std::chrono::milliseconds limit);

  LineListener& line_;
  ChallengeMaker challenges_;
  Mode mode_ = Mode::kRaw;
  bool in_raw_ = false;
  bool raw_paste_fails_ = false;
  bool stopped_program_ = false;
  std::string mark_;
};

}  // namespace lastgood
