// SPDX-License-Identifier: MIT
// Telnet as RFC 2217 uses it (RFC 854, 855): data octets with commands between them. Octet 255
// (IAC) opens a command; as data it is doubled.
#pragma once

#include <cstdint>
#include <functional>

#include "base/bytes.h"

namespace lastgood {

enum class TelnetVerb : std::uint8_t {
  kSubnegotiation = 250,
  kWill = 251,  // "I will use the option", or its offer
  kWont = 252,
  kDo = 253,  // "use it", or the consent to an offer
  kDont = 254,
};

struct TelnetCommand {
  TelnetVerb verb = TelnetVerb::kDo;
  std::uint8_t option = 0;
  Bytes value;  // of a subnegotiation, unescaped
};

// Takes a stream apart however it was cut into pieces.
class TelnetReader {
 public:
  using OnCommand = std::function<void(const TelnetCommand&)>;

  // Appends the data of `received` to `data` and calls `on_command` for each complete command, in
  // the order in which they stand; `on_command` may change `data`. Commands that are not listed
  // above are skipped, and so are subnegotiations longer than anything RFC 2217 knows.
  void Feed(ByteSpan received, Bytes& data, const OnCommand& on_command);

 private:
  enum class State { kData, kCommand, kOption, kValue, kValueCommand };
  void FeedValue(std::uint8_t octet, const OnCommand& on_command);

  State state_ = State::kData;
  TelnetVerb verb_ = TelnetVerb::kDo;
  Bytes value_;  // of a subnegotiation, the option first
};

// `data` with each 255 doubled, appended to `out`.
void AppendTelnetData(Bytes& out, ByteSpan data);
// IAC, verb, option; a subnegotiation with its value and its end.
void AppendTelnetCommand(Bytes& out, const TelnetCommand& command);

}  // namespace lastgood
