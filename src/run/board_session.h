// SPDX-License-Identifier: MIT
// One board, held for the length of a run: into its loader and out of it, at the fastest rate that
// works.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/board_identity.h"
#include "base/result.h"
#include "flash/esp_loader.h"
#include "flash/flash_dump.h"
#include "health/boot_observation.h"
#include "health/health_check.h"
#include "plan/flash_plan.h"
#include "plan/parameter_plan.h"
#include "recipe/recipe.h"
#include "run/patient_lines.h"
#include "run/seams.h"

namespace lastgood {

class BoardSession {
 public:
  static Result<BoardSession> Open(const BoardSeams& seams, const BoardSpec& board,
                                   const std::string& serial_device, LoaderChoice loader);
  // Resets the board into its firmware when it was left in its loader, or may have been.
  ~BoardSession();
  BoardSession(BoardSession&& other) noexcept;
  BoardSession& operator=(BoardSession&&) = delete;

  Result<std::string> NameRunningFirmware();
  // Resets the board into `mode` and listens (health/boot_observation.h).
  Result<BootObservation> ObserveBoot(BoardMode mode);
  Result<BoardIdentity> Identify();

  // What the loader in use is, and what is lost without a stub (EspLoader::Losses).
  Result<std::string> DescribeLoader();
  Result<std::vector<std::string>> Losses();

  // Which sectors differ from the plan's images; nullopt when the loader can not tell.
  Result<std::optional<FlashDifference>> Compare(const FlashPlan& plan);
  // What lies where rules B4 and B5 look; nothing when the loader can not read.
  Result<FlashFindings> Inspect(const FlashPlan& plan);
  // Whether the loader reads flash: without that, Read() and Inspect() give nothing.
  Result<bool> CanRead();
  Result<bool> CanDigest();
  // The whole flash, whose size is known. kRefused when the loader can not read.
  Result<FlashDump> Dump(const BoardIdentity& board, std::span<const KnownContent> known);
  // Nothing when the loader can not read.
  Result<Bytes> Read(const FlashRange& range);
  // Returns what this loader refuses to erase (the ESP8266's ROM: a single sector).
  Result<std::vector<FlashRange>> Erase(const std::vector<FlashRange>& ranges);

  // One attempt at the current rate. `known` is what Compare() found, if nothing ran since. `stage`
  // names the progress events.
  Result<WriteSummary> Write(const FlashPlan& plan, bool erase_all, const BoardIdentity& board,
                             const std::optional<FlashDifference>& known, const std::string& stage);
  // The next lower rate, if there is one.
  void StepDown();
  // Of the loader that is connected, else what will be tried next.
  std::uint32_t baud() const { return loader_ ? loader_->baud() : bauds_[baud_index_]; }

  Result<HealthVerdict> Check(const HealthSpec& health);
  // A person is not asked for it when the last check left the board running.
  Result<void> RunFirmware();
  // Whether somebody can reset the board: kNobody also once a person did not answer.
  LinesMover MovedBy() const { return lines_->MovedBy(); }

  std::string device() const { return serial_port_->Name(); }

 private:
  BoardSession(const BoardSeams& seams, const BoardSpec& board, BoardConnection connection,
               LoaderChoice loader);
  Result<void> EnterLoader();
  void Note(WireEvent event) const {
    if (note_) note_(std::move(event));
  }

  BoardSeams seams_;
  LoaderChoice choice_;
  Chip chip_;  // as the recipe has it, until its loader answered
  std::vector<std::uint32_t> bauds_;
  std::size_t baud_index_ = 0;
  bool may_be_in_loader_ = false;      // it was reset that way, whether or not it answered
  std::shared_ptr<void> keeps_alive_;  // what the two refer to; goes last
  std::unique_ptr<SerialPort> serial_port_;
  std::unique_ptr<PatientLines> lines_;
  std::function<void(WireEvent)> note_;
  std::optional<EspLoader> loader_;  // refers to the two, which do not move
  bool runs_firmware_ = false;       // since the last check
};

}  // namespace lastgood
