// SPDX-License-Identifier: MIT
// Espressif's AT firmware (protocol reference, section 17), as far as a health check asks: AT, ATE,
// AT+GMR, AT+RST. Commands are upper case and end with CR LF; echo is on until ATE0.
#pragma once

#include <cstdint>
#include <string>

#include "sim/console.h"

namespace lastgood::sim {

class AtConsole final : public Console {
 public:
  Bytes Start(const FirmwareFacts& facts) override;
  Bytes Receive(std::uint8_t octet) override;

 private:
  std::string Answer(const std::string& command);

  std::string line_;
  bool too_long_ = false;
  bool echo_ = true;
};

}  // namespace lastgood::sim
