// SPDX-License-Identifier: MIT
// rfc2217://HOST:TCP_PORT: a serial device on another host, with its rate and its modem lines, as
// ser2net, esp_rfc2217_server and terminal servers offer it (RFC 2217, "Telnet Com Port Control
// Option"). Rules:
// - Both sides must agree on binary transmission and on the option, or opening fails: text mode
//   would change octets.
// - Every change of a setting waits for the server's confirmation. A server confirms with the value
//   that is in force, so that a rate it cannot do is noticed.
// - While the server has suspended the flow, nothing is sent.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>

#include "device/modem_control.h"
#include "device/network_wire.h"
#include "device/serial_port.h"
#include "device/tcp_connection.h"
#include "device/telnet_stream.h"
#include "host/clock.h"

namespace lastgood {

class Rfc2217SerialPort final : public SerialPort, public ModemControl {
 public:
  // Connects, negotiates within 5 s, and sets 115200 baud, 8N1, no flow control; old input is
  // discarded and the modem lines are left as they are. kBoard when nobody answers, or who does
  // speaks no RFC 2217. `clock` must outlive the port, and be one that follows real time.
  static Result<std::unique_ptr<Rfc2217SerialPort>> Open(const std::string& name,
                                                         const NetworkSerialName& address,
                                                         Clock& clock);

  Result<std::size_t> Read(std::span<std::uint8_t> buffer,
                           std::chrono::milliseconds timeout) override;
  Result<void> Write(ByteSpan data) override;
  Result<void> Drain() override;
  Result<void> SetBaudRate(std::uint32_t baud) override;
  Result<void> DiscardInput() override;
  std::string Name() const override { return connection_.name(); }

  Result<void> SetModemLines(bool dtr, bool rts) override;

 private:
  // What has been agreed on about one telnet option, in one direction.
  enum class Consent { kUnasked, kAsked, kGiven, kRefused };
  struct Option {
    Consent ours = Consent::kUnasked;    // we asked with WILL, the peer says DO or DONT
    Consent theirs = Consent::kUnasked;  // we asked with DO, the peer says WILL or WONT
  };
  struct Setting {
    std::uint8_t command = 0;
    Bytes value;
  };

  Rfc2217SerialPort(TcpConnection connection, Clock& clock)
      : connection_(std::move(connection)), clock_(clock), wire_(clock) {}

  Result<void> Negotiate();
  bool Settled() const;
  Result<void> CheckConsents() const;
  void HandleCommand(const TelnetCommand& command);
  void HandleConsent(const TelnetCommand& command);
  void HandleAnswer(const Bytes& value);
  Option* Find(std::uint8_t option);

  // Takes what has come, waiting for something until the deadline; answers what wants one.
  Result<void> Take(const Deadline& deadline);
  Result<void> SendReplies();
  // Sends the settings and waits until each has been confirmed, in order; the values in force.
  Result<std::vector<Bytes>> Confirm(const std::vector<Setting>& settings);
  Result<void> Insist(const std::vector<Setting>& settings, std::string_view what);

  TcpConnection connection_;
  Clock& clock_;
  NetworkWire wire_;
  TelnetReader reader_;
  std::array<Option, 3> options_;  // in the order of kOptions
  Bytes input_;                    // data not read yet
  Bytes replies_;                  // commands that the peer waits for
  std::vector<Setting> answers_;   // confirmations not looked at yet
  bool suspended_ = false;
  std::uint32_t baud_ = 0;
};

}  // namespace lastgood
