// SPDX-License-Identifier: MIT
#include "sim/rfc2217_user.h"

#include <algorithm>
#include <string_view>

namespace lastgood::sim {
namespace {

// RFC 854.
constexpr std::uint8_t SE = 240;
constexpr std::uint8_t SB = 250;
constexpr std::uint8_t WILL = 251;
constexpr std::uint8_t WONT = 252;
constexpr std::uint8_t DO = 253;
constexpr std::uint8_t DONT = 254;
constexpr std::uint8_t IAC = 255;

constexpr std::uint8_t TRANSMIT_BINARY = 0;    // RFC 856
constexpr std::uint8_t SUPPRESS_GO_AHEAD = 3;  // RFC 858
constexpr std::uint8_t COM_PORT_OPTION = 44;   // RFC 2217, section 2
constexpr std::uint32_t kBaudMax = 4'000'000;
constexpr std::size_t kSubnegotiationMax = 300;  // what is longer is no command

// RFC 2217, section 3.
enum Command : std::uint8_t {
  SIGNATURE = 0,
  SET_BAUDRATE = 1,
  SET_DATASIZE = 2,
  SET_PARITY = 3,
  SET_STOPSIZE = 4,
  SET_CONTROL = 5,
  NOTIFY_LINESTATE = 6,
  NOTIFY_MODEMSTATE = 7,
  FLOWCONTROL_SUSPEND = 8,
  FLOWCONTROL_RESUME = 9,
  SET_LINESTATE_MASK = 10,
  SET_MODEMSTATE_MASK = 11,
  PURGE_DATA = 12,
};
constexpr std::uint8_t kServerOffset = 100;
constexpr std::uint8_t kEightBits = 8;
constexpr std::uint8_t kNoParity = 1;
constexpr std::uint8_t kOneStopBit = 1;
constexpr std::uint8_t kModemState = 0xB0;  // carrier, DSR and CTS on, as with a cable plugged in

}  // namespace

void Rfc2217User::Attend(TimePoint now) {
  NetworkUser::Attend(now);
  pins_.Attend(now);
}

void Rfc2217User::HandleArrival() {
  said_.clear();
  suspended_ = false;
  for (const std::uint8_t verb : {DO, WILL}) {
    const Bytes offer = {IAC, verb, TRANSMIT_BINARY};
    Tell(offer);
    said_.insert({verb, TRANSMIT_BINARY});
  }
}

// A serial device's last close lets its modem lines go; its rate stays.
void Rfc2217User::HandleDeparture() {
  pins_.SetRts(false, clock_.Now());
  pins_.SetDtr(false, clock_.Now());
}

UartUser::Sent Rfc2217User::Decode(Bytes& received, std::size_t size_max, bool wire_idle) {
  Sent sent;
  std::size_t at = 0;
  while (at < received.size() && sent.octets.size() < size_max) {
    if (received[at] != IAC) {
      sent.octets.push_back(received[at++]);
      continue;
    }
    const std::size_t size = CommandSize(received, at);
    if (size == 0) break;
    const ByteSpan command = ByteSpan(received).subspan(at, size);
    // The rate changes once everything before it has left; what follows goes out at the new one.
    const bool changes_rate = ChangesRate(command);
    waits_for_wire_ = changes_rate && (!sent.octets.empty() || !wire_idle);
    if (waits_for_wire_) break;
    at += size;
    if (size == 2 && command[1] == IAC)
      sent.octets.push_back(IAC);
    else
      Obey(command);
    if (changes_rate) {
      sent.more = true;
      break;
    }
  }
  received.erase(received.begin(), received.begin() + static_cast<std::ptrdiff_t>(at));
  return sent;
}

void Rfc2217User::Encode(ByteSpan octets, Bytes& out) {
  for (const std::uint8_t octet : octets) {
    if (octet == IAC) out.push_back(IAC);
    out.push_back(octet);
  }
}

std::size_t Rfc2217User::CommandSize(ByteSpan received, std::size_t at) {
  if (at + 1 >= received.size()) return 0;
  const std::uint8_t verb = received[at + 1];
  if (verb >= WILL && verb <= DONT) return at + 2 < received.size() ? 3 : 0;
  if (verb != SB) return 2;
  for (std::size_t i = at + 2; i + 1 < received.size(); ++i) {
    if (received[i] != IAC) continue;
    if (received[i + 1] == SE) return i + 2 - at;
    ++i;
  }
  // An endless one is dropped as far as it has come.
  return received.size() - at > kSubnegotiationMax ? received.size() - at : 0;
}

bool Rfc2217User::ChangesRate(ByteSpan command) {
  return command.size() > 4 && command[1] == SB && command[2] == COM_PORT_OPTION &&
         command[3] == SET_BAUDRATE;
}

void Rfc2217User::Obey(ByteSpan command) {
  if (command.size() == 3) Negotiate(command[1], command[2]);
  if (command[1] != SB || command.size() < 6 || command[2] != COM_PORT_OPTION) return;
  Bytes content;
  for (std::size_t i = 3; i + 2 < command.size(); ++i) {
    content.push_back(command[i]);
    if (command[i] == IAC) ++i;
  }
  ObeySubnegotiation(content);
}

// Says each thing once, so that two polite sides do not go on for ever.
void Rfc2217User::Negotiate(std::uint8_t verb, std::uint8_t option) {
  const bool known =
      option == TRANSMIT_BINARY || option == SUPPRESS_GO_AHEAD || option == COM_PORT_OPTION;
  std::uint8_t answer = 0;
  if (verb == WILL) answer = known ? DO : DONT;
  if (verb == DO) answer = known ? WILL : WONT;
  if (verb == WONT) answer = DONT;
  if (verb == DONT) answer = WONT;
  const bool refusal = answer == DONT || answer == WONT;
  const auto agreed = std::pair{static_cast<std::uint8_t>(answer - 1), option};
  // A no to what was never agreed to needs no answer.
  if (refusal && (verb == WONT || verb == DONT) && said_.erase(agreed) == 0) return;
  if (!refusal && !said_.insert({answer, option}).second) return;
  const Bytes message = {IAC, answer, option};
  Tell(message);
}

void Rfc2217User::ObeySubnegotiation(const Bytes& content) {
  const std::uint8_t command = content.front();
  const Bytes value(content.begin() + 1, content.end());
  switch (command) {
    case SIGNATURE: {
      constexpr std::string_view kSignature = "lastgood simulate";
      return Answer(command, Bytes(kSignature.begin(), kSignature.end()));
    }
    case SET_BAUDRATE:
      return SetRate(value);
    case SET_DATASIZE:
      return Answer(command, {kEightBits});
    case SET_PARITY:
      return Answer(command, {kNoParity});
    case SET_STOPSIZE:
      return Answer(command, {kOneStopBit});
    case SET_CONTROL:
      if (!value.empty()) Answer(command, {Control(value.front())});
      return;
    case NOTIFY_LINESTATE:
      return Answer(command, {0});
    case NOTIFY_MODEMSTATE:
      return Answer(command, {kModemState});
    case FLOWCONTROL_SUSPEND:
    case FLOWCONTROL_RESUME:
      suspended_ = command == FLOWCONTROL_SUSPEND;
      return;
    case SET_LINESTATE_MASK:
    case SET_MODEMSTATE_MASK:
      return Answer(command, value);
    case PURGE_DATA:
      // What has arrived by now is forgotten; what is on its way to the board is on its wire.
      board_.HostReceives(baud_);
      return Answer(command, value);
    default:
      return;
  }
}

void Rfc2217User::SetRate(const Bytes& value) {
  std::uint32_t wanted = 0;
  for (std::size_t i = 0; i < std::min<std::size_t>(value.size(), 4); ++i)
    wanted = wanted << 8 | value[i];
  // 0 asks for the rate; one that the UART can not do leaves it.
  if (wanted != 0 && wanted <= kBaudMax) baud_ = wanted;
  Bytes in_force;
  for (int shift = 24; shift >= 0; shift -= 8)
    in_force.push_back(static_cast<std::uint8_t>(baud_ >> shift));
  Answer(SET_BAUDRATE, in_force);
}

// Values of SET_CONTROL, RFC 2217: the state that is in force after it.
std::uint8_t Rfc2217User::Control(std::uint8_t wanted) {
  constexpr std::uint8_t kNoFlowControl = 1;
  constexpr std::uint8_t kNoBreak = 6;
  constexpr std::uint8_t kNoInboundFlowControl = 14;
  if (wanted == 8 || wanted == 9) pins_.SetDtr(wanted == 8, clock_.Now());
  if (wanted == 11 || wanted == 12) pins_.SetRts(wanted == 11, clock_.Now());
  if (wanted <= 3) return kNoFlowControl;
  if (wanted <= 6) return kNoBreak;
  if (wanted <= 9) return pins_.dtr() ? 8 : 9;
  if (wanted <= 12) return pins_.rts() ? 11 : 12;
  return wanted <= 16 ? kNoInboundFlowControl : kNoFlowControl;
}

void Rfc2217User::Answer(std::uint8_t command, const Bytes& value) {
  Bytes message = {IAC, SB, COM_PORT_OPTION, static_cast<std::uint8_t>(command + kServerOffset)};
  Encode(value, message);
  message.push_back(IAC);
  message.push_back(SE);
  Tell(message);
}

}  // namespace lastgood::sim
