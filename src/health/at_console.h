// SPDX-License-Identifier: MIT
// The console of Espressif's AT firmware (protocol reference, section 17).
#pragma once

#include "health/firmware_console.h"
#include "health/line_listener.h"

namespace lastgood {

class AtConsole final : public FirmwareConsole {
 public:
  explicit AtConsole(LineListener& line) : line_(line) {}

  Result<bool> Open(bool at_prompt) override;
  Result<bool> Knock(std::chrono::milliseconds limit) override;
  Result<ProductName> Identify() override;
  Result<std::optional<ConsoleAnswer>> Execute(std::string_view code,
                                               std::chrono::milliseconds limit) override;
  Result<void> LeaveMark() override;
  Result<bool> MarkIsThere() override;
  Result<void> Close() override;
  bool stopped_program() const override { return false; }
  std::string Name() const override { return "AT firmware"; }
  std::string Product() const override { return Name(); }

 private:
  Result<bool> Succeeds(std::string_view command);
  Result<std::string> AskVersion();

  LineListener& line_;
  std::string version_;        // that Open() heard; Identify() takes it, and asks anew from then on
  bool marked_ = false;        // the echo, which every reset switches on, is off
  bool echo_touched_ = false;  // and is to be switched on again
};

}  // namespace lastgood
