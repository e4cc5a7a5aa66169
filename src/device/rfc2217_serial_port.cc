// SPDX-License-Identifier: MIT
#include "device/rfc2217_serial_port.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace lastgood {
namespace {

using std::chrono::milliseconds;

constexpr std::uint32_t kInitialBaud = 115200;
constexpr milliseconds kNegotiationLimit{5000};
constexpr milliseconds kAnswerLimit{3000};
constexpr std::size_t kInputMax = 1U << 20;  // of what nobody reads; more is lost, as in an overrun
constexpr std::size_t kAnswersMax = 64;

// Telnet options: RFC 856, 858, 2217. Going ahead (858) is asked for by custom and may be refused.
constexpr std::uint8_t kBinary = 0;
constexpr std::uint8_t kSuppressGoAhead = 3;
constexpr std::uint8_t kComPort = 44;
constexpr std::array kOptions = {kBinary, kSuppressGoAhead, kComPort};

// RFC 2217, section 3: commands of the client; the server's answer is the command + 100.
constexpr std::uint8_t kSetBaudRate = 1;
constexpr std::uint8_t kSetDataSize = 2;
constexpr std::uint8_t kSetParity = 3;
constexpr std::uint8_t kSetStopSize = 4;
constexpr std::uint8_t kSetControl = 5;
constexpr std::uint8_t kPurgeData = 12;
constexpr std::uint8_t kAnswerOffset = 100;
constexpr std::uint8_t kSuspendFlow = 108;
constexpr std::uint8_t kResumeFlow = 109;

constexpr std::uint8_t kParityNone = 1;
constexpr std::uint8_t kStopSizeOne = 1;
constexpr std::uint8_t kNoFlowControl = 1;
constexpr std::uint8_t kDtrOn = 8;
constexpr std::uint8_t kDtrOff = 9;
constexpr std::uint8_t kRtsOn = 11;
constexpr std::uint8_t kRtsOff = 12;
constexpr std::uint8_t kPurgeReceived = 1;

Bytes BigEndian32(std::uint32_t value) {
  Bytes octets;
  for (int shift = 24; shift >= 0; shift -= 8)
    octets.push_back(static_cast<std::uint8_t>(value >> shift));
  return octets;
}

std::uint32_t LoadBigEndian32(const Bytes& octets) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < std::min<std::size_t>(octets.size(), 4); ++i)
    value = value << 8 | octets[i];
  return value;
}

}  // namespace

Result<std::unique_ptr<Rfc2217SerialPort>> Rfc2217SerialPort::Open(const std::string& name,
                                                                   const NetworkSerialName& address,
                                                                   Clock& clock) {
  TRY(TcpConnection connection, TcpConnection::Open(name, address, clock));
  std::unique_ptr<Rfc2217SerialPort> opened(new Rfc2217SerialPort(std::move(connection), clock));
  TRY_DO(opened->Negotiate());
  TRY_DO(opened->SetBaudRate(kInitialBaud));
  TRY_DO(opened->Insist({{kSetDataSize, {8}},
                         {kSetParity, {kParityNone}},
                         {kSetStopSize, {kStopSizeOne}},
                         {kSetControl, {kNoFlowControl}}},
                        "8N1 without flow control"));
  TRY_DO(opened->DiscardInput());
  return opened;
}

Result<void> Rfc2217SerialPort::Negotiate() {
  for (std::size_t i = 0; i < kOptions.size(); ++i) {
    AppendTelnetCommand(replies_, {TelnetVerb::kWill, kOptions[i], {}});
    options_[i].ours = Consent::kAsked;
    // The server is the one that does what the Com Port option commands: there is nothing to ask.
    if (kOptions[i] == kComPort) continue;
    AppendTelnetCommand(replies_, {TelnetVerb::kDo, kOptions[i], {}});
    options_[i].theirs = Consent::kAsked;
  }
  TRY_DO(SendReplies());
  const Deadline deadline(clock_, kNegotiationLimit);
  while (!Settled() && !deadline.Expired()) TRY_DO(Take(deadline));
  return CheckConsents();
}

// A refusal settles it too.
bool Rfc2217SerialPort::Settled() const {
  const auto& [binary, go_ahead, com_port] = options_;
  if (com_port.ours == Consent::kRefused) return true;
  return com_port.ours != Consent::kAsked && binary.ours != Consent::kAsked &&
         binary.theirs != Consent::kAsked;
}

Result<void> Rfc2217SerialPort::CheckConsents() const {
  const auto& [binary, go_ahead, com_port] = options_;
  if (com_port.ours == Consent::kGiven && binary.ours == Consent::kGiven &&
      binary.theirs == Consent::kGiven)
    return {};
  if (com_port.ours == Consent::kRefused)
    return Fail(ExitCode::kBoard,
                fmt::format("serial device '{}' does not speak RFC 2217: its server refuses the "
                            "Com Port option",
                            Name()),
                "switch RFC 2217 on in its server; tcp:// is for those that carry data alone");
  if (com_port.ours == Consent::kAsked)
    return Fail(ExitCode::kBoard,
                fmt::format("serial device '{}' does not answer RFC 2217's negotiation within {} s",
                            Name(), kNegotiationLimit.count() / 1000),
                "does another client use it? is its server one for RFC 2217? tcp:// is for those "
                "that carry data alone");
  return Fail(ExitCode::kBoard,
              fmt::format("serial device '{}' does not agree to binary transmission", Name()),
              "firmware does not pass through a text connection: switch its server to binary");
}

Rfc2217SerialPort::Option* Rfc2217SerialPort::Find(std::uint8_t option) {
  const auto found = std::find(kOptions.begin(), kOptions.end(), option);
  return found == kOptions.end() ? nullptr
                                 : &options_[static_cast<std::size_t>(found - kOptions.begin())];
}

void Rfc2217SerialPort::HandleCommand(const TelnetCommand& command) {
  if (command.verb != TelnetVerb::kSubnegotiation)
    HandleConsent(command);
  else if (command.option == kComPort && !command.value.empty())
    HandleAnswer(command.value);
}

// Answers only what changes something, so that two polite sides do not go on for ever (RFC 854).
void Rfc2217SerialPort::HandleConsent(const TelnetCommand& command) {
  const bool about_us = command.verb == TelnetVerb::kDo || command.verb == TelnetVerb::kDont;
  const bool yes = command.verb == TelnetVerb::kDo || command.verb == TelnetVerb::kWill;
  Option* option = Find(command.option);
  if (option == nullptr) {
    if (yes)
      AppendTelnetCommand(replies_,
                          {about_us ? TelnetVerb::kWont : TelnetVerb::kDont, command.option, {}});
    return;
  }
  Consent& consent = about_us ? option->ours : option->theirs;
  const Consent before = std::exchange(consent, yes ? Consent::kGiven : Consent::kRefused);
  if (before == Consent::kAsked || before == consent) return;
  const TelnetVerb answer = about_us ? (yes ? TelnetVerb::kWill : TelnetVerb::kWont)
                                     : (yes ? TelnetVerb::kDo : TelnetVerb::kDont);
  AppendTelnetCommand(replies_, {answer, command.option, {}});
}

void Rfc2217SerialPort::HandleAnswer(const Bytes& value) {
  const std::uint8_t command = value.front();
  if (command == kSuspendFlow) suspended_ = true;
  if (command == kResumeFlow) suspended_ = false;
  if (command <= kAnswerOffset || command > kAnswerOffset + kPurgeData) return;
  const auto asked = static_cast<std::uint8_t>(command - kAnswerOffset);
  // What was received before the server purged is what is to be forgotten.
  if (asked == kPurgeData) input_.clear();
  if (answers_.size() < kAnswersMax)
    answers_.push_back({asked, Bytes(value.begin() + 1, value.end())});
}

Result<void> Rfc2217SerialPort::Take(const Deadline& deadline) {
  std::array<std::uint8_t, 4096> chunk;
  TRY(const std::size_t count, connection_.Receive(chunk, deadline));
  reader_.Feed(ByteSpan(chunk).first(count), input_,
               [this](const TelnetCommand& command) { HandleCommand(command); });
  if (input_.size() > kInputMax) input_.resize(kInputMax);
  return SendReplies();
}

Result<void> Rfc2217SerialPort::SendReplies() {
  if (replies_.empty()) return {};
  const Bytes replies = std::exchange(replies_, {});
  return connection_.Send(replies, wire_.Patience(kAnswerLimit));
}

Result<std::vector<Bytes>> Rfc2217SerialPort::Confirm(const std::vector<Setting>& settings) {
  answers_.clear();
  for (const Setting& setting : settings) {
    Bytes value;
    value.reserve(1 + setting.value.size());
    value.push_back(setting.command);
    Append(value, setting.value);
    AppendTelnetCommand(replies_, {TelnetVerb::kSubnegotiation, kComPort, std::move(value)});
  }
  TRY_DO(SendReplies());
  // A server may send first what it was given before.
  const Deadline deadline = wire_.Patience(kAnswerLimit);
  std::vector<Bytes> confirmed;
  while (confirmed.size() < settings.size()) {
    const auto answer = std::find_if(answers_.begin(), answers_.end(), [&](const Setting& each) {
      return each.command == settings[confirmed.size()].command;
    });
    if (answer != answers_.end()) {
      confirmed.push_back(answer->value);
      answers_.erase(answers_.begin(), answer + 1);
      continue;
    }
    if (deadline.Expired())
      return Fail(ExitCode::kBoard,
                  fmt::format("serial device '{}' does not confirm its settings within {} s",
                              Name(), kAnswerLimit.count() / 1000),
                  "is its server stuck, or the network too slow?");
    TRY_DO(Take(deadline));
  }
  return confirmed;
}

Result<void> Rfc2217SerialPort::Insist(const std::vector<Setting>& settings,
                                       std::string_view what) {
  TRY(const std::vector<Bytes> confirmed, Confirm(settings));
  for (std::size_t i = 0; i < settings.size(); ++i) {
    if (confirmed[i] == settings[i].value) continue;
    return Fail(ExitCode::kBoard, fmt::format("serial device '{}' refuses {}", Name(), what),
                "its server's configuration decides what clients may set");
  }
  return {};
}

Result<std::size_t> Rfc2217SerialPort::Read(std::span<std::uint8_t> buffer, milliseconds timeout) {
  if (buffer.empty()) return 0;
  const Deadline deadline(clock_, timeout);
  // One look at what has arrived, even when there is no time to wait.
  for (bool looked = false; input_.empty() && !(looked && deadline.Expired()); looked = true)
    TRY_DO(Take(deadline));
  const std::size_t count = std::min(buffer.size(), input_.size());
  const auto end = input_.begin() + static_cast<std::ptrdiff_t>(count);
  std::copy(input_.begin(), end, buffer.begin());
  input_.erase(input_.begin(), end);
  return count;
}

Result<void> Rfc2217SerialPort::Write(ByteSpan data) {
  const Deadline patience = wire_.Patience(kAnswerLimit);
  while (suspended_) {
    if (patience.Expired())
      return Fail(
          ExitCode::kBoard,
          fmt::format("serial device '{}' has suspended the flow and does not resume it", Name()),
          "is its server stuck?");
    TRY_DO(Take(patience));
  }
  Bytes encoded;
  encoded.reserve(data.size() + data.size() / 64);
  AppendTelnetData(encoded, data);
  return wire_.Send(connection_, encoded, data.size(), baud_);
}

Result<void> Rfc2217SerialPort::Drain() { return wire_.Drain(connection_); }

Result<void> Rfc2217SerialPort::SetBaudRate(std::uint32_t baud) {
  // To the server, a rate of 0 is a question.
  if (baud == 0)
    return Fail(ExitCode::kBoard, fmt::format("serial device '{}' cannot do 0 baud", Name()));
  TRY(const std::vector<Bytes> confirmed, Confirm({{kSetBaudRate, BigEndian32(baud)}}));
  const std::uint32_t actual = LoadBigEndian32(confirmed.front());
  // Receivers tolerate 2 to 3 %.
  const std::uint32_t difference = std::max(actual, baud) - std::min(actual, baud);
  if (difference > baud / 33)
    return Fail(ExitCode::kBoard,
                fmt::format("serial device '{}' cannot do {} baud, its server stays at {}", Name(),
                            baud, actual),
                "choose a rate that its UART can make: 115200 always works");
  baud_ = baud;
  return {};
}

Result<void> Rfc2217SerialPort::DiscardInput() {
  TRY_DO(Confirm({{kPurgeData, {kPurgeReceived}}}));
  return {};
}

// Boot before reset (DTR before RTS), so that no edge of reset finds the boot line in motion
// (device/reset_sequence.h). Both go out in one piece.
Result<void> Rfc2217SerialPort::SetModemLines(bool dtr, bool rts) {
  return Insist({{kSetControl, {dtr ? kDtrOn : kDtrOff}}, {kSetControl, {rts ? kRtsOn : kRtsOff}}},
                "to set DTR and RTS");
}

}  // namespace lastgood
