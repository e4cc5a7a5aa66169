// SPDX-License-Identifier: MIT
// The chip between two wires, its pins and its flash: straps, ROM, loader, application. It is moved
// along in time by AdvanceTo; between its events nothing happens, so they can be jumped to.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>

#include "base/bytes.h"
#include "host/clock.h"
#include "sim/boot_model.h"
#include "sim/chip_registers.h"
#include "sim/console.h"
#include "sim/dice.h"
#include "sim/family_boot.h"
#include "sim/faults.h"
#include "sim/flash_chip.h"
#include "sim/flash_work.h"
#include "sim/rom_loader.h"
#include "sim/simulated_board.h"
#include "sim/stub_loader.h"
#include "sim/wire.h"

namespace lastgood::sim {

class ChipModel {
 public:
  // Powered from `now` on, unless the options say otherwise. `console` may be nullptr.
  ChipModel(const BoardOptions& options, FlashChip& flash, std::unique_ptr<Console> console,
            TimePoint now);

  // Everything that happens by `now`, in order. Call it before looking at anything and before
  // changing an input.
  void AdvanceTo(TimePoint now);
  TimePoint NextEvent() const;  // max() = never, if nothing is sent to it

  void SetLines(bool reset_asserted, bool boot_asserted);
  void SetPower(bool on);

  Wire& from_host() { return from_host_; }
  Wire& to_host() { return to_host_; }
  const Wire& to_host() const { return to_host_; }
  SimulatedBoard::Statistics statistics() const;

 private:
  // Who gets the octets that arrive.
  enum class Listener { kNobody, kAutoBaud, kLoader, kApplication };
  enum class Phase { kWaiting, kWorking, kSending };

  // Events.
  void HandleNextEvent();
  void HandleFlashWork();
  void HandleScript();
  void HandleArrival();
  std::optional<TimePoint> ScriptEvent() const;
  std::optional<TimePoint> ArrivalEvent() const;

  // From reset to reset.
  void AssertReset();
  void EndReset();
  void Start(int cause);
  void Restart();
  void Stop();

  // The boot script.
  void Play(BootScript script);
  void EnterStep();
  void PerformStep();
  void FinishStep();
  void LightWhileSending();
  void StartApplication();
  bool Playing() const { return step_ < script_.steps.size(); }

  // The loader.
  void LoaderReceives(std::uint8_t octet);
  void DrainLoaderInput();
  void StartRequest(LoaderWork work);
  void AnswerRequest();
  void LeaveLoader(LoaderLeave leave);
  std::optional<StubGeneration> UploadedStub() const;
  bool is_family() const { return IsEsp32Family(options_.chip); }
  void StartStub();

  void Listen(Listener listener);
  void ApplicationReceives(std::uint8_t octet);
  void PollConsole();
  void Send(ByteSpan octets, std::uint32_t baud);
  std::uint32_t console_baud() const { return faults_.ConsoleBaud(kApplicationBaud); }

  BoardOptions options_;
  FlashChip& flash_;
  std::unique_ptr<Console> given_console_;
  std::unique_ptr<Console> built_in_console_;
  Console* console_ = nullptr;  // of the application that runs
  Faults faults_;
  Dice power_dice_;
  BootModel boot_model_;
  FamilyBootModel family_boot_;
  ChipRegisters registers_;
  std::unique_ptr<Loader> rom_;
  std::optional<StubLoader> stub_;
  Loader* loader_;
  FlashWork flash_work_;
  Wire from_host_;
  Wire to_host_;
  TimePoint now_;

  bool powered_ = false;
  bool never_started_ = true;  // since power came
  bool reset_asserted_ = false;
  bool boot_asserted_ = false;
  bool in_reset_ = false;
  std::optional<TimePoint> reset_takes_effect_;  // the pin falls
  std::optional<TimePoint> reset_ends_;          // it rises
  std::optional<TimePoint> resets_itself_;
  std::optional<TimePoint> rom_starts_;  // only then does it look at the flash
  int cause_ = kCausePowerOn;
  Straps straps_ = Straps::kFlash;

  BootScript script_;
  std::size_t step_ = 0;
  Phase phase_ = Phase::kWaiting;
  TimePoint phase_until_;

  Listener listener_ = Listener::kNobody;
  std::uint32_t baud_;                     // of the UART
  bool restarted_itself_ = false;          // by the fault of that name, since the last reset
  std::deque<std::uint8_t> loader_input_;  // arrived while a request was being worked on
  std::uint32_t requests_ = 0;             // since reset
  bool synced_ = false;                    // an answer to SYNC has been sent since reset
  bool request_waits_for_flash_ = false;
  std::optional<TimePoint> request_done_;
  LoaderWork behind_answer_;  // of a stub, goes on while the next request arrives
  bool works_behind_ = false;
  std::optional<TimePoint> stub_event_;  // greets, then listens
  std::optional<StubGeneration> stub_to_start_;
  std::optional<TimePoint> baud_changes_;
  std::uint32_t baud_to_be_ = 0;
  TimePoint poll_at_;

  TimePoint light_goes_out_;

  SimulatedBoard::Statistics statistics_;
};

}  // namespace lastgood::sim
