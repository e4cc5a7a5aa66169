// SPDX-License-Identifier: MIT
// The board's pins and its power for other processes: a Unix stream socket, one request a line, one
// answer a line.
//   set reset=1 boot=0   sets the named pins (1 = asserted), leaves the others   ok
//   power off | power on                                                         ok
//   status               what the board has done so far           octets_from_host=… boots=… …
// Anything else is answered by "error: …".
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "host/descriptor.h"
#include "sim/simulated_board.h"

namespace lastgood::sim {

class LinesSocket {
 public:
  // Mode 0600. A socket that nobody serves any more is replaced. kUsage when something else is at
  // `path` or the path is longer than the 107 octets that the system allows, kBusy when somebody
  // answers there.
  static Result<LinesSocket> Listen(const std::filesystem::path& path);
  // Hangs up and removes the socket.
  ~LinesSocket();
  LinesSocket(LinesSocket&& other) noexcept;
  LinesSocket& operator=(LinesSocket&&) = delete;

  // Descriptors to wait for; Serve has something to do when one of them is readable.
  std::vector<int> Descriptors() const;

  using Answer = std::function<std::string(std::string_view request)>;
  // Takes new clients, at most 8 at a time, and answers what is complete. Never waits: a client
  // that sends endless lines or does not take its answers is dropped.
  void Serve(const Answer& answer);

 private:
  struct Client {
    Descriptor connection;
    std::string line;
  };
  LinesSocket(std::filesystem::path path, Descriptor listener)
      : path_(std::move(path)), listener_(std::move(listener)) {}
  static bool ServeClient(Client& client, const Answer& answer);

  std::filesystem::path path_;
  Descriptor listener_;
  std::vector<Client> clients_;
};

// The answers above, from a board.
class LinesDesk {
 public:
  explicit LinesDesk(SimulatedBoard& board) : board_(board) {}
  std::string Answer(std::string_view request);

 private:
  std::string Set(std::string_view arguments);
  std::string Status() const;

  SimulatedBoard& board_;
  bool reset_asserted_ = false;
  bool boot_asserted_ = false;
};

}  // namespace lastgood::sim
