// SPDX-License-Identifier: MIT
// A whole host with a simulated board on it, in virtual time: state directory, firmware files,
// network, record. Everything but the clock and the board's silicon is the real thing.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "device/attendant.h"
#include "flash/stub_library.h"
#include "host/clock.h"
#include "host/interrupt.h"
#include "host/process_runner.h"
#include "http/curl_http_client.h"
#include "run/board_examination.h"
#include "run/provisioner.h"
#include "run/seams.h"
#include "run/undo_host.h"
#include "sim/image_factory.h"
#include "sim/simulated_board.h"
#include "support/temporary_directory.h"

namespace lastgood::test {

// Keeps what was reported, and calls back at each state and each piece of progress.
class ListeningReporter final : public Reporter {
 public:
  void Stage(const StageEvent& event) override {
    stages.push_back(event);
    if (on_stage) on_stage(event);
  }
  void Progress(const ProgressEvent& event) override {
    if (on_progress) on_progress(event);
  }
  void State(const StateEvent& event) override {
    states.push_back(event.state);
    if (on_state) on_state(event);
  }
  void Outcome(const OutcomeEvent&) override {}

  // The text of the last line that `stage` reported; empty when there is none.
  std::string LastOf(const std::string& stage) const;

  std::vector<StageEvent> stages;
  std::vector<std::string> states;
  std::function<void(const StageEvent&)> on_stage;
  std::function<void(const StateEvent&)> on_state;
  std::function<void(const ProgressEvent&)> on_progress;
};

struct Firmware {
  std::string name = "micropython";
  std::string version = "1.22.1";
  std::string file;  // below the directory
  std::string flash = "size = \"detect\"";
  std::string health = "micropython";
};

class Workbench final : public BoardConnector {
 public:
  explicit Workbench(sim::BoardOptions options = {});

  // The board anew from its flash file, as after a power cut of everything.
  void ReloadBoard();
  // The same, and from now on nothing is wrong with it.
  void WithoutFaults();
  // The same, with something wrong with its wires.
  void Break(bool sim::BoardOptions::*wire);

  // Another board on the same wires, as it left its factory or was left before; the record stays.
  void Swap(const MacAddress& mac, std::uint32_t flash_size_bytes = 4U << 20);

  // Makes an image and returns how a manifest describes it.
  Firmware Make(sim::ImageRequest::Kind kind, const std::string& version, std::uint32_t seed = 1);
  std::string ManifestText(const Firmware& firmware, const std::vector<Firmware>& fallbacks) const;

  RunOutcome Provision(const Firmware& firmware, const std::vector<Firmware>& fallbacks,
                       RunOptions options = {});
  RunOutcome ProvisionText(const std::string& manifest, RunOptions options = {});
  std::optional<RunOutcome> Resume();
  std::optional<RunOutcome> FinishUnproven();  // what provision does first

  // What can be found out without writing.
  BoardExamination Examine(LoaderChoice loader = LoaderChoice::kAuto);

  // What the board says when it is asked by a fresh check: "healthy 1.22.1", "boot-loop", …
  std::string BoardHealth();
  // The record's view.
  std::string Running();
  std::vector<std::string> KnownGoodTitles();
  bool FlashEquals(
      const Firmware& firmware) const;  // but for the two header octets that a plan may patch

  Result<BoardConnection> Connect(const BoardSpec& board,
                                  const std::string& serial_device) override;

  TemporaryDirectory directory;
  VirtualClock clock;
  Interrupt interrupt;
  ListeningReporter reporter;
  std::unique_ptr<sim::SimulatedBoard> board;
  int connects = 0;
  bool deaf = false;               // from now on nothing that the board says arrives
  std::string steps;               // [[step]] tables for the recipe
  std::string boot_id = "boot-1";  // of the host: another one after a reboot
  // By hand; "": the one before.
  RunOutcome RollBack(const std::string& version = "");
  RunOutcome UndoHost(const UndoRequest& request = {});
  // No lines are wired to the host; `person`, if any, is asked to press the buttons.
  bool by_hand = false;
  Attendant* person = nullptr;

  // From now on a stub loader of this generation (1 or 2) is installed on the host.
  void InstallStub(int generation);
  // "18:fe:… in run 2", one for each firmware that is in quarantine.
  std::vector<std::string> Quarantined();
  // What the record has of the board's own flash.
  std::vector<std::string> BackupTitles();

 private:
  sim::BoardOptions options_;
  std::optional<StubLibrary> stubs_;
  Result<RunOutcome> With(const std::function<Result<RunOutcome>(Seams&)>& action);
  Recipe MakeRecipe() const;

  PosixProcessRunner process_runner_;
  CurlHttpClient http_;
};

}  // namespace lastgood::test
