// SPDX-License-Identifier: MIT
#include "device/telnet_stream.h"

#include <utility>

namespace lastgood {
namespace {

constexpr std::uint8_t kIac = 255;
constexpr std::uint8_t kSubnegotiationEnd = 240;

// RFC 2217's longest is a signature, which nobody needs; the rest is below ten octets.
constexpr std::size_t kValueSizeMax = 256;

bool TakesOption(std::uint8_t octet) {
  return octet >= static_cast<std::uint8_t>(TelnetVerb::kWill) &&
         octet <= static_cast<std::uint8_t>(TelnetVerb::kDont);
}

}  // namespace

void TelnetReader::Feed(ByteSpan received, Bytes& data, const OnCommand& on_command) {
  for (const std::uint8_t octet : received) {
    switch (state_) {
      case State::kData:
        if (octet == kIac)
          state_ = State::kCommand;
        else
          data.push_back(octet);
        break;
      case State::kCommand:
        state_ = State::kData;
        if (octet == kIac) data.push_back(octet);
        if (TakesOption(octet)) state_ = State::kOption;
        if (octet == static_cast<std::uint8_t>(TelnetVerb::kSubnegotiation)) state_ = State::kValue;
        verb_ = TelnetVerb{octet};
        break;
      case State::kOption:
        state_ = State::kData;
        on_command({verb_, octet, {}});
        break;
      case State::kValue:
      case State::kValueCommand:
        FeedValue(octet, on_command);
        break;
    }
  }
}

void TelnetReader::FeedValue(std::uint8_t octet, const OnCommand& on_command) {
  if (state_ == State::kValue && octet == kIac) {
    state_ = State::kValueCommand;
  } else if (state_ == State::kValueCommand && octet != kIac) {
    // Whatever ends it ends it: a peer that forgot SE is understood again with the next command.
    state_ = State::kData;
    const Bytes whole = std::exchange(value_, {});
    if (octet == kSubnegotiationEnd && !whole.empty() && whole.size() <= kValueSizeMax)
      on_command(
          {TelnetVerb::kSubnegotiation, whole.front(), Bytes(whole.begin() + 1, whole.end())});
  } else {
    state_ = State::kValue;
    if (value_.size() <= kValueSizeMax) value_.push_back(octet);
  }
}

void AppendTelnetData(Bytes& out, ByteSpan data) {
  for (const std::uint8_t octet : data) {
    out.push_back(octet);
    if (octet == kIac) out.push_back(kIac);
  }
}

void AppendTelnetCommand(Bytes& out, const TelnetCommand& command) {
  out.push_back(kIac);
  out.push_back(static_cast<std::uint8_t>(command.verb));
  out.push_back(command.option);
  if (command.verb != TelnetVerb::kSubnegotiation) return;
  AppendTelnetData(out, command.value);
  out.push_back(kIac);
  out.push_back(kSubnegotiationEnd);
}

}  // namespace lastgood
