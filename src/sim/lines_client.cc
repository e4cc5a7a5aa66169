// SPDX-License-Identifier: MIT
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <string>
#include <string_view>

#include "device/reset_sequence.h"
#include "host/descriptor.h"
#include "sim/pty_server.h"
#include "sim/unix_address.h"

namespace lastgood::sim {
namespace {

constexpr int kAnswerTimeoutMs = 2000;
constexpr std::size_t kAnswerMax = 4096;

class Client {
 public:
  static Result<Client> Connect(const std::filesystem::path& path) {
    TRY(const UnixAddress address, UnixAddress::Make(path));
    Client client(path);
    client.connection_ = Descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const int connected = RetryOnInterrupt(
        [&] { return ::connect(client.connection_.Get(), address.Get(), address.Size()); });
    if (connected == 0) return client;
    return Fail(ExitCode::kBoard,
                fmt::format("cannot reach a simulated board on socket '{}': {}", path.string(),
                            ErrnoText(errno)),
                "is `lastgood simulate` running with this socket?");
  }

  // Sends one line and wants "ok".
  Result<void> Order(std::string_view request) {
    const std::string line = std::string(request) + "\n";
    if (::send(connection_.Get(), line.data(), line.size(), MSG_NOSIGNAL) !=
        static_cast<ssize_t>(line.size()))
      return Lost(ErrnoText(errno));
    TRY(const std::string answer, ReadLine());
    if (answer == "ok") return {};
    return Fail(ExitCode::kBoard,
                fmt::format("the simulated board refused '{}': {}", request, answer));
  }

 private:
  explicit Client(const std::filesystem::path& path) : name_(path.string()) {}

  Result<std::string> ReadLine() {
    std::string line;
    while (line.size() < kAnswerMax) {
      pollfd waiting{connection_.Get(), POLLIN, 0};
      char c = 0;
      if (RetryOnInterrupt([&] { return ::poll(&waiting, 1, kAnswerTimeoutMs); }) != 1)
        return Lost("no answer");
      if (RetryOnInterrupt([&] { return ::recv(connection_.Get(), &c, 1, 0); }) != 1)
        return Lost("it hung up");
      if (c == '\n') return line;
      line += c;
    }
    return Lost("endless answer");
  }

  tl::unexpected<Error> Lost(const std::string& why) const {
    return Fail(ExitCode::kBoard,
                fmt::format("lost the simulated board on socket '{}': {}", name_, why));
  }

  Descriptor connection_;
  std::string name_;
};

}  // namespace

Result<void> SendLines(const std::filesystem::path& socket, std::string_view request,
                       Clock& clock) {
  const bool download = request == "download";
  const bool order =
      request == "hold" || request == "release" || request == "power on" || request == "power off";
  if (!download && !order && request != "run")
    return Fail(ExitCode::kUsage, fmt::format("unknown request '{}' to a simulated board", request),
                "known requests: download, run, hold, release, power on, power off");
  TRY(Client client, Client::Connect(socket));
  if (request == "hold") return client.Order("set reset=1 boot=0");
  if (request == "release") return client.Order("set reset=0 boot=0");
  if (order) return client.Order(request);
  return PlaySequence(
      SequenceFor(download ? BoardMode::kDownload : BoardMode::kRun, 0), clock,
      [&](bool reset_asserted, bool boot_asserted) {
        return client.Order(fmt::format("set reset={:d} boot={:d}", reset_asserted, boot_asserted));
      });
}

}  // namespace lastgood::sim
