// SPDX-License-Identifier: MIT
// A serial server for the simulated board as RFC 2217 ("Telnet Com Port Control Option") has it:
// the client sets the rate, which paces the wire, and DTR and RTS, which drive the pins. The wire
// is always 8N1 without flow control; a client that wants something else is told so. Shares nothing
// with device/, whose client speaks to it.
#pragma once

#include <map>
#include <set>

#include "sim/modem_circuit.h"
#include "sim/network_user.h"

namespace lastgood::sim {

class Rfc2217User final : public NetworkUser {
 public:
  // `board` and `clock` must outlive it.
  Rfc2217User(TcpListener listener, SimulatedBoard& board, ModemCircuit circuit, Clock& clock)
      : NetworkUser(std::move(listener)), board_(board), pins_(board, circuit), clock_(clock) {}

  std::uint32_t BaudRate() override { return baud_; }
  void Attend(TimePoint now) override;
  TimePoint NextEvent() const override { return pins_.NextEvent(); }

 protected:
  void HandleArrival() override;
  void HandleDeparture() override;
  Sent Decode(Bytes& received, std::size_t size_max, bool wire_idle) override;
  void Encode(ByteSpan octets, Bytes& out) override;
  bool MayGive() const override { return !suspended_; }

 private:
  // How many octets the command at `at` takes; 0 = it is not complete.
  static std::size_t CommandSize(ByteSpan received, std::size_t at);
  static bool ChangesRate(ByteSpan command);
  void Obey(ByteSpan command);
  void Negotiate(std::uint8_t verb, std::uint8_t option);
  void ObeySubnegotiation(const Bytes& content);
  void SetRate(const Bytes& value);
  std::uint8_t Control(std::uint8_t wanted);
  void Answer(std::uint8_t command, const Bytes& value);

  SimulatedBoard& board_;
  ModemPins pins_;
  Clock& clock_;
  std::uint32_t baud_ = 115200;
  std::set<std::pair<std::uint8_t, std::uint8_t>> said_;  // verb and option, of this client's talk
  bool suspended_ = false;
};

}  // namespace lastgood::sim
