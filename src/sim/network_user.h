// SPDX-License-Identifier: MIT
// The UART's user comes over TCP: one client at a time, the next one after it has left. Plain here;
// rfc2217_user.h adds what RFC 2217 does with the same connection.
#pragma once

#include <string>

#include "base/result.h"
#include "host/descriptor.h"
#include "sim/real_time_pump.h"

namespace lastgood::sim {

class TcpListener {
 public:
  // `address`: "[HOST:]TCP_PORT"; without a host only this machine can connect, 0 lets the system
  // choose. An IPv6 address stands in brackets. kUsage when it is no address or is taken.
  static Result<TcpListener> Listen(const std::string& address);

  const std::string& Where() const { return where_; }  // "127.0.0.1:4217"
  int Get() const { return socket_.Get(); }
  // The next client, or nothing.
  Descriptor Accept() const;

 private:
  Descriptor socket_;
  std::string where_;
};

class NetworkUser : public UartUser {
 public:
  explicit NetworkUser(TcpListener listener) : listener_(std::move(listener)) {}

  // 115200 for ever: plain TCP carries no rate.
  std::uint32_t BaudRate() override;
  Sent Take(std::size_t size_max, bool wire_idle) override;
  std::size_t Give(ByteSpan octets) override;
  void AddWaits(bool may_take, bool has_octets, std::vector<pollfd>& waits) const override;
  void Attend(TimePoint now) override;

 protected:
  // What RFC 2217 makes of it.
  virtual void HandleArrival() {}
  virtual void HandleDeparture() {}
  // Takes the user's octets out of `received`, at most `size_max`.
  virtual Sent Decode(Bytes& received, std::size_t size_max, bool wire_idle);
  virtual void Encode(ByteSpan octets, Bytes& out);
  virtual bool MayGive() const { return true; }
  // Set by Decode: what comes next has to wait until the wire is idle.
  bool waits_for_wire_ = false;

  // To the client, beside the octets.
  void Tell(ByteSpan message);

 private:
  void Receive();
  void Flush();
  void Drop();

  TcpListener listener_;
  Descriptor client_;  // empty: nobody is there, and octets for him are lost as on an open wire
  bool hung_up_ = false;
  Bytes received_;
  Bytes out_;
};

}  // namespace lastgood::sim
