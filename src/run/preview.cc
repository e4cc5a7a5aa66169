// SPDX-License-Identifier: MIT
#include "run/preview.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "base/units.h"
#include "run/board_session.h"
#include "run/fallbacks.h"
#include "run/firmware_files.h"
#include "run/host_setup.h"
#include "run/quarantine.h"
#include "setup/changes.h"
#include "setup/prepare_steps.h"

namespace lastgood {
namespace {

class RunPreview {
 public:
  RunPreview(PreviewSeams& seams, const Plan& plan, const RunOptions& options)
      : seams_(seams), plan_(plan), options_(options) {}

  Result<std::string> Run() {
    TRY_DO(ShowFirmware());
    TRY_DO(ShowSteps());
    if (options_.host_only) return SayHost();
    TRY_DO(ShowBoard());
    if (board_) TRY_DO(ShowFallbacks());
    return ShowWrite();
  }
  const std::optional<BoardIdentity>& board() const { return board_; }

 private:
  void Say(std::string stage, StageOutcome outcome, std::string text,
           std::vector<std::string> details = {}) {
    seams_.board.reporter.Stage(
        {std::move(stage), outcome, std::move(text), std::move(details), {}});
  }

  Result<void> ShowFirmware() {
    const FirmwareSpec& firmware = plan_.manifest.firmware;
    TRY(parts_, LoadFirmware(seams_.store, firmware));
    ShowSource(firmware, parts_.has_value());
    for (const FirmwareSpec& fallback : plan_.manifest.fallbacks) {
      TRY(const auto cached, LoadFirmware(seams_.store, fallback));
      ShowSource(fallback, cached.has_value());
    }
    return {};
  }

  void ShowSource(const FirmwareSpec& firmware, bool cached) {
    for (const PartSpec& part : firmware.parts) {
      const std::string of = part.member.empty() ? "" : fmt::format(" for '{}'", part.member);
      Say("fetch", cached ? StageOutcome::kOk : StageOutcome::kNote,
          fmt::format("{}, {}{}, {}", firmware.Title(), FormatByteCount(part.size_bytes), of,
                      cached ? "in the store, digest checked" : SourceOf(part)));
    }
  }

  std::string SourceOf(const PartSpec& part) const {
    return seams_.bundle.empty()
               ? "would be downloaded from " + part.urls.front()
               : fmt::format("would come from '{}', digest checked", seams_.bundle.string());
  }

  Result<void> ShowSteps() {
    TRY(PreparedSteps prepared, PrepareSteps(plan_.steps, seams_.host));
    if (seams_.record) {
      TRY(seams_.host.changed_since_boot, ChangedSinceBoot(*seams_.record, seams_.host.boot_id));
    }
    for (const PlannedStep& planned : prepared.steps) TRY_DO(ShowStep(*planned.step));
    if (!prepared.left_out.empty())
      Say("host", StageOutcome::kSkip,
          fmt::format("{} of {} steps are not for this host", prepared.left_out.size(),
                      plan_.steps.size()),
          prepared.left_out);
    return {};
  }

  std::string SayHost() const {
    if (steps_pending_ == 0) return "The host needs no change.";
    return fmt::format("Would change the host: {} of {} steps.", steps_pending_, steps_);
  }

  Result<void> ShowStep(Step& step) {
    ++steps_;
    const Result<std::vector<Change>> pending = step.Pending();
    if (!pending) {
      ++steps_pending_;
      Say("host", StageOutcome::kNote,
          fmt::format("{}: {}", step.Describe(), pending.error().message));
      return {};
    }
    if (pending->empty()) {
      Say("host", StageOutcome::kOk, fmt::format("{}: done already", step.Describe()));
      return {};
    }
    ++steps_pending_;
    bool permitted = true;
    std::vector<std::string> details;
    for (const Change& change : *pending) {
      for (std::string& line : Preview(change, seams_.host)) details.push_back(std::move(line));
      const Result<bool> allowed = IsPermitted(change, seams_.host);
      permitted = permitted && allowed && *allowed;
    }
    Say("host", StageOutcome::kNote,
        fmt::format("{}: would be changed{}", step.Describe(),
                    permitted ? "" : ", which needs root"),
        std::move(details));
    // Steps behind it may find the reboot needed.
    seams_.host.changed_since_boot.insert(step.Describe());
    return {};
  }

  Result<void> AskBoard() {
    TRY(BoardSession session, BoardSession::Open(seams_.board, plan_.recipe.board,
                                                 options_.serial_device, options_.loader));
    TRY(board_, session.Identify());
    TRY(loader_, session.DescribeLoader());
    TRY(compressed_, session.CanDigest());
    TRY_DO(AskDifference(session));
    return session.RunFirmware();
  }

  // While the board is in its loader: what the write would have to change.
  Result<void> AskDifference(BoardSession& session) {
    if (!parts_) return {};
    const Result<FlashPlan> plan =
        PlanFlash(plan_.manifest.firmware, *parts_, *board_, CautionOf());
    if (!plan) return {};  // said when the plan is shown
    TRY(difference_, session.Compare(*plan));
    return {};
  }

  Caution CautionOf() const { return options_.force ? Caution::kForce : Caution::kRefuse; }

  Result<void> ShowBoard() {
    if (seams_.ask_board) {
      TRY_DO(AskBoard());
    } else if (seams_.record) {
      TRY(const std::vector<BoardRecord> boards, seams_.record->Boards());
      if (boards.size() == 1) board_ = boards.front().identity;
    }
    if (!board_) {
      Say("board", StageOutcome::kSkip,
          "not asked; --identify resets it and reads chip, MAC address and flash size");
      return {};
    }
    Say("board", StageOutcome::kOk,
        fmt::format("{} {}, {} flash{}", board_->Title(), board_->mac.ToString(),
                    FormatFlashSize(board_->flash_size_bytes),
                    seams_.ask_board ? "" : ", as recorded (--identify asks it)"));
    if (!parts_) return {};
    TRY(flash_plan_, PlanFlash(plan_.manifest.firmware, *parts_, *board_, CautionOf()));
    for (const std::string& note : flash_plan_->notes) Say("plan", StageOutcome::kNote, note);
    return CheckQuarantine();
  }

  Result<void> CheckQuarantine() {
    if (!seams_.record) return {};
    TRY(const std::optional<std::string> why,
        FindQuarantine(*seams_.record, plan_.manifest.firmware, flash_plan_->flashed_digest,
                       board_->mac));
    if (!why) return {};
    if (!options_.retry) return RefuseQuarantined(*seams_.record, *why, board_->mac);
    Say("plan", StageOutcome::kNote, *why + "; it would be tried again, as asked");
    return {};
  }

  Result<void> ShowFallbacks() {
    if (!seams_.record) return {};
    const Sha256Digest avoid = flash_plan_ ? flash_plan_->flashed_digest : Sha256Digest{};
    TRY(const FallbackList list,
        ListFallbacks(*seams_.record, seams_.store, plan_.manifest, *board_, avoid));
    for (const Fallback& fallback : list.usable) {
      Say("fallback", StageOutcome::kOk,
          fmt::format("{}, {}", fallback.firmware.Title(), fallback.origin));
    }
    return {};
  }

  Result<bool> IsThereAlready() const {
    if (difference_) return difference_->none();
    if (!seams_.record || !board_ || !flash_plan_) return false;
    TRY(const std::optional<BoardRecord> record, seams_.record->Board(board_->mac));
    return record && !record->known_good.empty() &&
           record->running == plan_.manifest.firmware.Title() &&
           record->known_good.front().flashed_digest == flash_plan_->flashed_digest;
  }

  bool WritesCompressed() const {
    if (!loader_.empty()) return compressed_;
    if (options_.loader == LoaderChoice::kRom || seams_.board.stubs == nullptr)
      return IsEsp32Family(board_->chip);
    const Result<std::optional<StubImage>> stub = seams_.board.stubs->Find(board_->chip);
    return IsEsp32Family(board_->chip) || (stub && stub->has_value());
  }

  Result<std::string> ShowWrite() {
    const std::string title = plan_.manifest.firmware.Title();
    TRY(const bool there, IsThereAlready());
    if (there)
      return difference_ ? fmt::format("Nothing to write: {} is on the board.", title)
                         : fmt::format("Nothing to write: {} is known good on the board.", title);
    const std::uint32_t baud = plan_.recipe.board.baud.front();
    if (!flash_plan_) return fmt::format("Would write {} at {} baud.", title, baud);
    WriteEstimate estimate = EstimateWrite(flash_plan_->images, baud, WritesCompressed());
    if (!difference_) {
      return fmt::format("Would write {}: {} on the wire, about {} at {} baud.", title,
                         FormatByteCount(estimate.wire_bytes), FormatSeconds(estimate.duration),
                         baud);
    }
    const std::uint32_t total = std::max(difference_->sectors_total, 1U);
    return fmt::format(
        "Would write {}: {} of {} sectors differ, about {} on the wire, about {} at {} baud by the "
        "{}.",
        title, difference_->sectors, total,
        FormatByteCount(estimate.wire_bytes * difference_->sectors / total),
        FormatSeconds(estimate.duration * difference_->sectors / total), baud, loader_);
  }

  PreviewSeams& seams_;
  const Plan& plan_;
  const RunOptions& options_;
  std::optional<FirmwareParts> parts_;
  std::optional<BoardIdentity> board_;
  std::optional<FlashPlan> flash_plan_;
  std::optional<FlashDifference> difference_;
  std::string loader_;
  std::size_t steps_ = 0;
  std::size_t steps_pending_ = 0;
  bool compressed_ = false;
};

}  // namespace

RunOutcome PreviewRun(PreviewSeams& seams, const Plan& plan, const RunOptions& options) {
  RunPreview preview(seams, plan, options);
  const Result<std::string> text = preview.Run();
  RunOutcome outcome;
  outcome.code = text ? ExitCode::kDone : text.error().code;
  outcome.text = text ? *text : text.error().message;
  if (!text) outcome.hint = text.error().hint;
  if (preview.board()) outcome.board = preview.board()->mac.ToString();
  return outcome;
}

}  // namespace lastgood
