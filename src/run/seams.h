// SPDX-License-Identifier: MIT
// Everything of the outside world that a run touches, handed in by main.cc or by a test.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "capture/wire_event.h"
#include "device/board_lines.h"
#include "device/serial_port.h"
#include "flash/stub_library.h"
#include "host/clock.h"
#include "host/interrupt.h"
#include "host/process_runner.h"
#include "http/http_client.h"
#include "recipe/recipe.h"
#include "record/record.h"
#include "report/reporter.h"
#include "setup/content_store.h"
#include "setup/setup_host.h"
#include "verify/artifact_store.h"

namespace lastgood {

// A board that is wired to this host: both ends of its wires, held for as long as this lives.
struct BoardConnection {
  std::shared_ptr<void> keeps_alive;  // what the two refer to, such as a simulated board; goes last
  std::unique_ptr<SerialPort> serial_port;
  std::unique_ptr<BoardLines> lines;
  // Told what a recording needs and is on no wire: checks and verdicts. Empty: nobody records.
  std::function<void(WireEvent)> note{};
};

class BoardConnector {
 public:
  virtual ~BoardConnector() = default;
  // Opens `serial_device`, or the first of the recipe's serial devices that exists when it is
  // empty. kBoard or kBusy, naming the device.
  virtual Result<BoardConnection> Connect(const BoardSpec& board,
                                          const std::string& serial_device) = 0;
};

class BoardClaims;
struct NetworkSurroundings;

// What one board is worked with.
struct BoardSeams {
  Clock& clock;
  Reporter& reporter;
  BoardConnector& connector;
  const Interrupt& interrupt;
  std::function<std::uint32_t()> random;  // fresh bits for nonces
  const StubLibrary* stubs = nullptr;     // nullptr: the ROM loader alone
};

// What artifacts are brought into the store with.
struct StoreSeams {
  Clock& clock;
  Reporter& reporter;
  HttpClient& http;
  const ArtifactStore& store;
  const Interrupt& interrupt;
  std::function<std::uint32_t()> random;  // fresh bits for the pauses between tries
  // Base URLs below which artifacts lie by their digests, as in the store's images/: asked first.
  std::vector<std::string> mirrors{};
  std::optional<std::string> proxy{};            // as HttpRequest::proxy
  const NetworkSurroundings* network = nullptr;  // as of Seams
};

struct Seams {
  Clock& clock;
  Reporter& reporter;
  HttpClient& http;
  ProcessRunner& process_runner;
  BoardConnector& connector;
  Record& record;
  const ArtifactStore& store;
  Interrupt& interrupt;
  std::function<std::uint32_t()> random;  // fresh bits for nonces
  const StubLibrary* stubs = nullptr;     // nullptr: the ROM loader alone
  BoardClaims* claims = nullptr;          // of the boards that are worked on at the same time
  const NetworkSurroundings* network = nullptr;  // nullptr: nothing is known of them
  std::vector<std::string> mirrors{};            // as of StoreSeams
  // What host steps work with; nullptr where there are none to run.
  SetupHost* host = nullptr;
  const ContentStore* contents = nullptr;
  std::vector<std::string> resume_command{};  // argv that takes this run up again

  std::string version{};          // of this program, for reports
  std::string state_directory{};  // as a person gave it, for commands to type; empty: the default

  BoardSeams OfBoard() const { return OfBoard(connector); }
  BoardSeams OfBoard(BoardConnector& through) const {
    return {clock, reporter, through, interrupt, random, stubs};
  }
  StoreSeams OfStore() const {
    return {clock, reporter, http, store, interrupt, random, mirrors, std::nullopt, network};
  }
};

}  // namespace lastgood
