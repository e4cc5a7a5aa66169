// SPDX-License-Identifier: MIT
#include "sim/lines_socket.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include "sim/unix_address.h"

namespace lastgood::sim {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kClientsMax = 8;
constexpr std::size_t kLineMax = 256;

tl::unexpected<Error> FailToListen(const fs::path& path, int error) {
  return Fail(ExitCode::kUsage,
              fmt::format("cannot listen on socket '{}': {}", path.string(), ErrnoText(error)));
}

Descriptor NewSocket(int flags) {
  return Descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0));
}

bool SomebodyAnswers(const UnixAddress& address) {
  const Descriptor probe = NewSocket(SOCK_NONBLOCK);
  return ::connect(probe.Get(), address.Get(), address.Size()) == 0 || errno == EAGAIN;
}

Result<void> MakeRoom(const fs::path& path, const UnixAddress& address) {
  std::error_code error;
  const fs::file_status there = fs::symlink_status(path, error);
  if (!fs::exists(there)) return {};
  if (!fs::is_socket(there))
    return Fail(ExitCode::kUsage,
                fmt::format("cannot listen on '{}': something that is not a socket is there",
                            path.string()),
                "name another path");
  if (SomebodyAnswers(address))
    return Fail(ExitCode::kBusy,
                fmt::format("another simulated board answers on socket '{}'", path.string()),
                "end it, or name another path");
  fs::remove(path, error);
  return {};
}

}  // namespace

Result<LinesSocket> LinesSocket::Listen(const fs::path& path) {
  TRY(const UnixAddress address, UnixAddress::Make(path));
  TRY_DO(MakeRoom(path, address));
  Descriptor listener = NewSocket(SOCK_NONBLOCK);
  if (!listener || ::bind(listener.Get(), address.Get(), address.Size()) != 0)
    return FailToListen(path, errno);
  LinesSocket socket(path, std::move(listener));
  // Before listen(), nobody gets in whatever the mode.
  if (::chmod(path.c_str(), 0600) != 0 ||
      ::listen(socket.listener_.Get(), static_cast<int>(kClientsMax)) != 0)
    return FailToListen(path, errno);
  return socket;
}

LinesSocket::LinesSocket(LinesSocket&& other) noexcept
    : path_(std::exchange(other.path_, {})),
      listener_(std::move(other.listener_)),
      clients_(std::move(other.clients_)) {}

LinesSocket::~LinesSocket() {
  std::error_code ignored;
  if (!path_.empty()) fs::remove(path_, ignored);
}

std::vector<int> LinesSocket::Descriptors() const {
  std::vector<int> descriptors;
  // Whoever comes when all places are taken waits in the system's queue.
  if (clients_.size() < kClientsMax) descriptors.push_back(listener_.Get());
  for (const Client& client : clients_) descriptors.push_back(client.connection.Get());
  return descriptors;
}

void LinesSocket::Serve(const Answer& answer) {
  while (clients_.size() < kClientsMax) {
    Descriptor connection(
        ::accept4(listener_.Get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!connection) break;
    clients_.push_back({std::move(connection), {}});
  }
  const auto gone = std::remove_if(clients_.begin(), clients_.end(),
                                   [&](Client& client) { return !ServeClient(client, answer); });
  clients_.erase(gone, clients_.end());
}

// False when the client is to be dropped.
bool LinesSocket::ServeClient(Client& client, const Answer& answer) {
  std::array<char, 512> buffer;
  const ssize_t count = RetryOnInterrupt(
      [&] { return ::recv(client.connection.Get(), buffer.data(), buffer.size(), 0); });
  if (count < 0) return errno == EAGAIN;
  if (count == 0) return false;
  client.line.append(buffer.data(), static_cast<std::size_t>(count));
  for (std::size_t end; (end = client.line.find('\n')) != std::string::npos;) {
    const std::string reply = answer(std::string_view(client.line).substr(0, end)) + "\n";
    client.line.erase(0, end + 1);
    const ssize_t sent =
        ::send(client.connection.Get(), reply.data(), reply.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent != static_cast<ssize_t>(reply.size())) return false;
  }
  return client.line.size() <= kLineMax;
}

std::string LinesDesk::Answer(std::string_view request) {
  if (!request.empty() && request.back() == '\r') request.remove_suffix(1);
  constexpr std::string_view kSet = "set ";
  if (request.substr(0, kSet.size()) == kSet) return Set(request.substr(kSet.size()));
  if (request == "status") return Status();
  if (request == "power on" || request == "power off") {
    board_.SetPower(request == "power on");
    return "ok";
  }
  return fmt::format("error: unknown request '{}'", request);
}

std::string LinesDesk::Set(std::string_view arguments) {
  bool reset = reset_asserted_;
  bool boot = boot_asserted_;
  while (!arguments.empty()) {
    const std::size_t end = std::min(arguments.find(' '), arguments.size());
    const std::string_view word = arguments.substr(0, end);
    arguments.remove_prefix(std::min(end + 1, arguments.size()));
    if (word == "reset=0" || word == "reset=1")
      reset = word.back() == '1';
    else if (word == "boot=0" || word == "boot=1")
      boot = word.back() == '1';
    else
      return fmt::format("error: unknown line setting '{}'", word);
  }
  reset_asserted_ = reset;
  boot_asserted_ = boot;
  board_.SetLines(reset, boot);
  return "ok";
}

std::string LinesDesk::Status() const {
  const SimulatedBoard::Statistics seen = board_.statistics();
  return fmt::format(
      "octets_from_host={} octets_to_host={} resets_by_line={} boots={} sectors_erased={} "
      "bytes_programmed={} running_application={}",
      seen.octets_from_host, seen.octets_to_host, seen.resets_by_line, seen.boots,
      seen.sectors_erased, seen.bytes_programmed, seen.running_application ? 1 : 0);
}

}  // namespace lastgood::sim
