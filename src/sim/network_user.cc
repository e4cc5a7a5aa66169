// SPDX-License-Identifier: MIT
#include "sim/network_user.h"

#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <utility>

namespace lastgood::sim {
namespace {

constexpr std::uint32_t kPlainBaud = 115200;
constexpr std::size_t kReceivedMax = 8192;  // octets that wait here; the rest waits in the network
constexpr std::size_t kOutMax = 4096;       // a client that does not read is not listened to
constexpr int kWaitingClientsMax = 4;

using Addresses = std::unique_ptr<addrinfo, void (*)(addrinfo*)>;

tl::unexpected<Error> FailListen(const std::string& address, const std::string& why) {
  return Fail(ExitCode::kUsage, fmt::format("cannot listen on '{}': {}", address, why),
              "write [HOST:]TCP_PORT; 0 lets the system choose a free one");
}

struct HostAndPort {
  std::string host = "127.0.0.1";
  std::string tcp_port;
};

HostAndPort Split(const std::string& address) {
  HostAndPort split;
  const std::size_t colon = address.rfind(':');
  split.tcp_port = colon == std::string::npos ? address : address.substr(colon + 1);
  if (colon == std::string::npos || colon == 0) return split;
  split.host = address.substr(0, colon);
  if (split.host.starts_with('[') && split.host.ends_with(']'))
    split.host = split.host.substr(1, split.host.size() - 2);
  return split;
}

bool IsTcpPort(const std::string& text) {
  return !text.empty() && text.size() <= 5 && std::stoul(text) <= 65535;
}

std::string Describe(int listener) {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  std::array<char, NI_MAXHOST> host{};
  std::array<char, NI_MAXSERV> number{};
  auto* address = reinterpret_cast<sockaddr*>(&storage);
  if (::getsockname(listener, address, &size) != 0 ||
      ::getnameinfo(address, size, host.data(), host.size(), number.data(), number.size(),
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0)
    return "?";
  const bool is_ipv6 = storage.ss_family == AF_INET6;
  return fmt::format("{}{}{}:{}", is_ipv6 ? "[" : "", host.data(), is_ipv6 ? "]" : "",
                     number.data());
}

}  // namespace

Result<TcpListener> TcpListener::Listen(const std::string& address) {
  const auto [host, tcp_port] = Split(address);
  if (tcp_port.find_first_not_of("0123456789") != std::string::npos || !IsTcpPort(tcp_port))
    return FailListen(address, "that names no TCP port");
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* list = nullptr;
  if (const int status = ::getaddrinfo(host.c_str(), tcp_port.c_str(), &hints, &list); status != 0)
    return FailListen(address, "no host is named so");
  const Addresses addresses(list, ::freeaddrinfo);
  TcpListener listener;
  listener.socket_ =
      Descriptor(::socket(list->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const int on = 1;
  if (!listener.socket_ ||
      ::setsockopt(listener.Get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
      ::bind(listener.Get(), list->ai_addr, list->ai_addrlen) != 0 ||
      ::listen(listener.Get(), kWaitingClientsMax) != 0)
    return FailListen(address, ErrnoText(errno));
  listener.where_ = Describe(listener.Get());
  return listener;
}

Descriptor TcpListener::Accept() const {
  Descriptor client(::accept4(Get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  const int on = 1;
  if (client) ::setsockopt(client.Get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return client;
}

std::uint32_t NetworkUser::BaudRate() { return kPlainBaud; }

UartUser::Sent NetworkUser::Decode(Bytes& received, std::size_t size_max, bool) {
  const std::size_t count = std::min(size_max, received.size());
  const auto end = received.begin() + static_cast<std::ptrdiff_t>(count);
  Sent sent{Bytes(received.begin(), end), false};
  received.erase(received.begin(), end);
  return sent;
}

void NetworkUser::Encode(ByteSpan octets, Bytes& out) { Append(out, octets); }

UartUser::Sent NetworkUser::Take(std::size_t size_max, bool wire_idle) {
  if (!client_) return {};
  Receive();
  Sent sent = Decode(received_, size_max, wire_idle);
  Flush();
  // What was said before hanging up still counts; half a command does not.
  if (hung_up_ && !waits_for_wire_ && sent.octets.empty() && !sent.more) Drop();
  return sent;
}

void NetworkUser::Receive() {
  if (hung_up_ || received_.size() >= kReceivedMax || out_.size() >= kOutMax) return;
  std::array<std::uint8_t, kReceivedMax> chunk;
  const ssize_t count = RetryOnInterrupt(
      [&] { return ::recv(client_.Get(), chunk.data(), chunk.size() - received_.size(), 0); });
  if (count > 0)
    Append(received_, ByteSpan(chunk).first(static_cast<std::size_t>(count)));
  else if (count == 0 || errno != EAGAIN)
    hung_up_ = true;
}

std::size_t NetworkUser::Give(ByteSpan octets) {
  if (!client_) return octets.size();
  if (octets.empty() || out_.size() >= kOutMax || !MayGive()) return 0;
  Encode(octets, out_);
  Flush();
  return octets.size();
}

void NetworkUser::Tell(ByteSpan message) { Append(out_, message); }

void NetworkUser::Flush() {
  if (out_.empty()) return;
  const ssize_t count = RetryOnInterrupt(
      [&] { return ::send(client_.Get(), out_.data(), out_.size(), MSG_NOSIGNAL); });
  if (count > 0) out_.erase(out_.begin(), out_.begin() + count);
  if (count >= 0 || errno == EAGAIN) return;
  out_.clear();
  hung_up_ = true;
}

void NetworkUser::Drop() {
  client_.Reset();
  hung_up_ = false;
  waits_for_wire_ = false;
  out_.clear();
  received_.clear();
  HandleDeparture();
}

void NetworkUser::AddWaits(bool may_take, bool, std::vector<pollfd>& waits) const {
  if (!client_) {
    waits.push_back({listener_.Get(), POLLIN, 0});
    return;
  }
  const bool reads = may_take && !hung_up_ && !waits_for_wire_ && out_.size() < kOutMax;
  const int events = (reads ? POLLIN : 0) | (out_.empty() ? 0 : POLLOUT);
  if (events != 0) waits.push_back({client_.Get(), static_cast<short>(events), 0});
}

void NetworkUser::Attend(TimePoint) {
  if (client_) return;
  client_ = listener_.Accept();
  if (!client_) return;
  HandleArrival();
  Flush();
}

}  // namespace lastgood::sim
