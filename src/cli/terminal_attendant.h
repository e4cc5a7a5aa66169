// SPDX-License-Identifier: MIT
// A person at the terminal, who is asked to press a board's buttons and answers with Enter.
#pragma once

#include <mutex>

#include "device/attendant.h"
#include "host/clock.h"
#include "host/interrupt.h"

namespace lastgood {

class TerminalAttendant final : public Attendant {
 public:
  // Reads the answer from the terminal `input` and writes the question to `output`; both stay the
  // caller's. `clock` follows real time; it and `interrupt` must outlive the attendant.
  TerminalAttendant(int input, int output, const Clock& clock, const Interrupt& interrupt)
      : input_(input), output_(output), clock_(clock), interrupt_(interrupt) {}

  // Waits for two minutes. The end of input counts as nobody.
  Result<void> Ask(const HandRequest& request) override;

 private:
  Result<void> AwaitEnter();
  void Show(const std::string& text) const;

  int input_;
  int output_;
  const Clock& clock_;
  const Interrupt& interrupt_;
  std::mutex one_question_;
};

}  // namespace lastgood
