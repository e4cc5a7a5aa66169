// SPDX-License-Identifier: MIT
#include "device/tcp_connection.h"

#include <fmt/format.h>
#include <linux/sockios.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <future>
#include <memory>
#include <thread>
#include <utility>

namespace lastgood {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kConnectLimit{5000};

// A peer that is gone without a word is noticed after kIdle + kProbes * kInterval seconds.
constexpr int kKeepAliveIdleS = 10;
constexpr int kKeepAliveIntervalS = 5;
constexpr int kKeepAliveProbes = 3;
constexpr unsigned kUnacknowledgedMaxMs = 20'000;

struct FreeAddresses {
  void operator()(addrinfo* list) const { freeaddrinfo(list); }
};
using Addresses = std::unique_ptr<addrinfo, FreeAddresses>;

struct LookUp {
  int status = 0;  // as getaddrinfo(3)
  Addresses addresses;
};

LookUp LookUpNow(const std::string& host, std::uint16_t tcp_port, int flags) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV | flags;
  addrinfo* list = nullptr;
  LookUp found;
  found.status = getaddrinfo(host.c_str(), std::to_string(tcp_port).c_str(), &hints, &list);
  if (found.status == 0) found.addresses.reset(list);
  return found;
}

// The resolver has limits of its own, far longer than ours, and cannot be called off: whoever gives
// up leaves it to end by itself.
LookUp LookUpWithin(const NetworkSerialName& address, milliseconds limit) {
  LookUp numeric = LookUpNow(address.host, address.tcp_port, AI_NUMERICHOST);
  if (numeric.status == 0) return numeric;
  std::packaged_task<LookUp()> task(
      [host = address.host, number = address.tcp_port] { return LookUpNow(host, number, 0); });
  std::future<LookUp> result = task.get_future();
  std::thread(std::move(task)).detach();
  if (result.wait_for(limit) == std::future_status::ready) return result.get();
  LookUp late;
  late.status = EAI_AGAIN;
  return late;
}

tl::unexpected<Error> FailLookUp(const std::string& name, const std::string& host, int status) {
  if (status == EAI_AGAIN)
    return Fail(
        ExitCode::kBoard,
        fmt::format("cannot reach serial device '{}': looking '{}' up got no answer", name, host),
        "is the network up? an address instead of a name needs no name server");
  return Fail(ExitCode::kBoard,
              fmt::format("cannot reach serial device '{}': no host is named '{}'", name, host),
              "check the name");
}

int PollFor(int descriptor, short events, milliseconds timeout) {
  pollfd waiting{descriptor, events, 0};
  const auto limit = std::clamp<milliseconds::rep>(timeout.count(), 0, 3'600'000);
  const int ready = poll(&waiting, 1, static_cast<int>(limit));
  return ready <= 0 ? ready : waiting.revents;
}

// 0, or the errno of why not.
int WaitForConnection(int descriptor, const Deadline& deadline) {
  for (;;) {
    const int events = PollFor(descriptor, POLLOUT, deadline.Remaining());
    if (events < 0 && errno != EINTR) return errno;
    if (events > 0) break;
    if (deadline.Expired()) return ETIMEDOUT;
  }
  int error = 0;
  socklen_t size = sizeof error;
  return getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
}

void SetOption(int descriptor, int level, int option, int value) {
  // What a system does not know, the connection goes without.
  static_cast<void>(setsockopt(descriptor, level, option, &value, sizeof value));
}

void SetUp(int descriptor) {
  SetOption(descriptor, IPPROTO_TCP, TCP_NODELAY, 1);
  SetOption(descriptor, SOL_SOCKET, SO_KEEPALIVE, 1);
  SetOption(descriptor, IPPROTO_TCP, TCP_KEEPIDLE, kKeepAliveIdleS);
  SetOption(descriptor, IPPROTO_TCP, TCP_KEEPINTVL, kKeepAliveIntervalS);
  SetOption(descriptor, IPPROTO_TCP, TCP_KEEPCNT, kKeepAliveProbes);
  SetOption(descriptor, IPPROTO_TCP, TCP_USER_TIMEOUT, kUnacknowledgedMaxMs);
}

// The socket, or errno in `error`.
Descriptor ConnectTo(const addrinfo& address, const Deadline& deadline, int& error) {
  Descriptor socket_end(
      socket(address.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, address.ai_protocol));
  error = socket_end ? 0 : errno;
  if (error != 0) return {};
  SetUp(socket_end.Get());
  if (connect(socket_end.Get(), address.ai_addr, address.ai_addrlen) != 0)
    error = errno == EINPROGRESS ? WaitForConnection(socket_end.Get(), deadline) : errno;
  return error == 0 ? std::move(socket_end) : Descriptor();
}

// The last address may use all the time that is left, those before it share theirs.
Deadline Share(const Clock& clock, const Deadline& all, const addrinfo& address) {
  return Deadline(clock, address.ai_next != nullptr ? all.Remaining() / 2 : all.Remaining());
}

}  // namespace

Result<TcpConnection> TcpConnection::Open(std::string name, const NetworkSerialName& address,
                                          Clock& clock) {
  const Deadline deadline(clock, kConnectLimit);
  const LookUp found = LookUpWithin(address, kConnectLimit);
  if (found.status != 0) return FailLookUp(name, address.host, found.status);
  int error = ETIMEDOUT;
  for (const addrinfo* each = found.addresses.get(); each != nullptr; each = each->ai_next) {
    Descriptor connected = ConnectTo(*each, Share(clock, deadline, *each), error);
    if (connected) return TcpConnection(std::move(name), std::move(connected));
  }
  return Fail(
      ExitCode::kBoard, fmt::format("cannot reach serial device '{}': {}", name, ErrnoText(error)),
      error == ECONNREFUSED ? "the host is there: is its serial server running, on this TCP port?"
                            : "is the host on, and in the same network?");
}

tl::unexpected<Error> TcpConnection::FailOn(std::string_view action, int error) const {
  if (error == 0)
    return Fail(ExitCode::kBoard,
                fmt::format("serial device '{}' vanished: its server hung up", name_),
                "serial servers serve one client at a time: does another one use it?");
  if (error == ECONNRESET || error == EPIPE || error == ETIMEDOUT || error == EHOSTUNREACH ||
      error == ENETUNREACH || error == ENETDOWN)
    return Fail(ExitCode::kBoard,
                fmt::format("serial device '{}' vanished: {}", name_, ErrnoText(error)),
                "check the network, and the power supply of the device's host");
  return Fail(ExitCode::kBoard,
              fmt::format("cannot {} serial device '{}': {}", action, name_, ErrnoText(error)));
}

Result<std::size_t> TcpConnection::Receive(std::span<std::uint8_t> buffer,
                                           const Deadline& deadline) {
  if (buffer.empty()) return 0;
  for (;;) {
    const int events = PollFor(socket_.Get(), POLLIN, deadline.Remaining());
    if (events < 0 && errno != EINTR) return FailOn("wait for", errno);
    if (events > 0) {
      const ssize_t count = recv(socket_.Get(), buffer.data(), buffer.size(), 0);
      if (count > 0) return static_cast<std::size_t>(count);
      if (count == 0) return FailOn("read", 0);
      if (errno != EAGAIN && errno != EINTR) return FailOn("read", errno);
    }
    // A wait that a signal cut short returns early: its caller looks at the Interrupt.
    if (events <= 0 || deadline.Expired()) return 0;
  }
}

Result<void> TcpConnection::Send(ByteSpan data, const Deadline& deadline) {
  std::size_t done = 0;
  while (done < data.size()) {
    const ssize_t count = send(socket_.Get(), data.data() + done, data.size() - done, MSG_NOSIGNAL);
    if (count > 0) {
      done += static_cast<std::size_t>(count);
      continue;
    }
    if (count < 0 && errno != EAGAIN && errno != EINTR) return FailOn("write to", errno);
    const int events = PollFor(socket_.Get(), POLLOUT, deadline.Remaining());
    if (events < 0 && errno != EINTR) return FailOn("wait for", errno);
    if (events == 0 || deadline.Expired())
      return Fail(
          ExitCode::kBoard,
          fmt::format("serial device '{}' took only {} of {} bytes", name_, done, data.size()),
          "is its server stuck, or the network too slow?");
  }
  return {};
}

Result<std::size_t> TcpConnection::Unsent() const {
  int queued = 0;
  if (ioctl(socket_.Get(), SIOCOUTQNSD, &queued) != 0) return FailOn("drain", errno);
  return static_cast<std::size_t>(std::max(queued, 0));
}

}  // namespace lastgood
