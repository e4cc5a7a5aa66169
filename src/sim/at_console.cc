// SPDX-License-Identifier: MIT
#include "sim/at_console.h"

#include <fmt/format.h>

#include <string_view>
#include <utility>

namespace lastgood::sim {
namespace {

constexpr std::size_t kLineMax = 256;
constexpr std::string_view kReady = "\r\nready\r\n";
constexpr std::string_view kVersions =
    "AT version:1.1.0.0(May 11 2016 18:09:56)\r\n"
    "SDK version:1.5.4(baaeaebb)\r\n"
    "Ai-Thinker Technology Co. Ltd.\r\n"
    "Jun 13 2016 11:29:20\r\n";

}  // namespace

Bytes AtConsole::Start(const FirmwareFacts&) {
  *this = AtConsole();
  return ToBytes("\r\nAi-Thinker Technology Co. Ltd.\r\n" + std::string(kReady));
}

// The echo is of octets, but a line feed that completes a command is answered by CR LF: "AT", CR,
// LF come back as "AT", CR, CR, LF.
Bytes AtConsole::Receive(std::uint8_t octet) {
  const char c = static_cast<char>(octet);
  if (c != '\n') {
    too_long_ = too_long_ || line_.size() == kLineMax;
    if (!too_long_) line_ += c;
    return echo_ ? Bytes{octet} : Bytes{};
  }
  std::string command = std::exchange(line_, {});
  const bool too_long = std::exchange(too_long_, false);
  const std::string echoed = echo_ ? "\r\n" : "";
  if (too_long) return ToBytes(echoed + "\r\nERROR\r\n");
  if (command.empty() || command.back() != '\r') return ToBytes(echoed);
  command.pop_back();
  return ToBytes(command.empty() ? echoed : echoed + Answer(command));
}

std::string AtConsole::Answer(const std::string& command) {
  if (command == "AT+GMR") return fmt::format("{}\r\nOK\r\n", kVersions);
  if (command == "AT+RST") {
    echo_ = true;
    return "\r\nOK\r\n" + std::string(kReady);
  }
  if (command == "ATE0" || command == "ATE1") echo_ = command == "ATE1";
  const bool known = command == "AT" || command == "ATE0" || command == "ATE1";
  return known ? "\r\nOK\r\n" : "\r\nERROR\r\n";
}

}  // namespace lastgood::sim
