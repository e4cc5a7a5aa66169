// SPDX-License-Identifier: MIT
// The stages of one board before anything on it changes.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/units.h"
#include "run/board_claims.h"
#include "run/flash_backup.h"
#include "run/quarantine.h"
#include "run/walk.h"

namespace lastgood {
namespace {

// "ROM loader, no stub for the ESP8266 is installed: no compression, …"
std::string DescribeLosses(const std::vector<std::string>& losses) {
  return fmt::format("ROM loader, {}: {}", losses.front(),
                     fmt::join(losses.begin() + 1, losses.end(), ", "));
}

// Before anything is written: a restored copy on the wrong chip is a brick, a rollback of one board
// that hits another undoes what nobody asked to undo.
Result<void> CheckMeant(const BoardIdentity& board, const RunOptions& options) {
  if (!options.board.empty() && board.mac.ToString() != options.board)
    return Fail(ExitCode::kBoard,
                fmt::format("board {} is connected, board {} is meant", board.mac.ToString(),
                            options.board),
                "connect that board, or say with --serial where it is");
  const std::uint32_t meant = options.flash_size_bytes;
  if (meant != 0 && board.flash_size_bytes != 0 && board.flash_size_bytes != meant)
    return Fail(ExitCode::kRefused,
                fmt::format("the copy is one of {} of flash, the chip has {}",
                            FormatFlashSize(meant), FormatFlashSize(board.flash_size_bytes)),
                "restore a copy that was made of a chip of this size");
  return {};
}

}  // namespace

Result<void> Walk::Prepare() {
  if (!groundwork_.laid()) TRY_DO(groundwork_.Lay());
  TRY_DO(IdentifyBoard());
  TRY_DO(RefuseUnattended());
  return RefuseQuarantine();
}

Result<void> Walk::OpenBoard() {
  if (session_) return {};
  TRY(BoardSession session, BoardSession::Open(seams_.OfBoard(connector_), plan_.recipe.board,
                                               options_.serial_device, options_.loader));
  session_.emplace(std::move(session));
  return {};
}

Result<void> Walk::IdentifyBoard() {
  TRY_DO(journal_.Enter(RunState::kIdentified, ""));
  journal_.StartStage();
  Result<void> opened = OpenBoard();
  Result<std::string> running =
      opened ? session_->NameRunningFirmware() : Result<std::string>(Fail(opened.error()));
  Result<BoardIdentity> board =
      running ? session_->Identify() : Result<BoardIdentity>(Fail(running.error()));
  if (board) {
    if (const Result<void> meant = CheckMeant(*board, options_); !meant) {
      board = Fail(meant.error());
      session_.reset();  // it runs its firmware again
    }
  }
  if (!board) {
    journal_.Say({"board", StageOutcome::kFail, board.error().message, {}, {}});
    return Fail(std::move(board).error());
  }
  board_ = *board;
  if (seams_.claims != nullptr) TRY_DO(seams_.claims->Claim(board_->mac, options_.serial_device));
  running_before_ = *running;
  TRY_DO(seams_.record.SetBoard(journal_.run(), *board_));
  const std::string flash = board_->flash_size_bytes != 0
                                ? FormatFlashSize(board_->flash_size_bytes) + " flash"
                                : fmt::format("flash id 0x{:06x}", board_->flash_id);
  journal_.Say({"board",
                StageOutcome::kOk,
                fmt::format("{} {}, {}, {}", board_->Title(), board_->mac.ToString(), flash,
                            *running == "unknown" ? "no firmware answers" : "runs " + *running),
                {},
                {}});
  TRY(const std::vector<std::string> losses, session_->Losses());
  if (!losses.empty())
    journal_.Say({"loader", StageOutcome::kNote, DescribeLosses(losses), {}, {}});
  if (groundwork_.parts().empty()) return {};  // a walk that only goes back
  Result<FlashPlan> planned = PlanFlash(plan_.manifest.firmware, groundwork_.parts(), *board_,
                                        options_.force ? Caution::kForce : Caution::kRefuse);
  if (!planned) {
    return Fail(ExplainRefusal(std::move(planned).error()));
  }
  flash_plan_ = *std::move(planned);
  groundwork_.DropParts();
  for (const std::string& note : flash_plan_->notes)
    journal_.Say({"plan", StageOutcome::kNote, note, {}, {}});
  return {};
}

// A board that was found in its loader, and that nobody will start: what is written can not be
// proven.
Result<void> Walk::RefuseUnattended() {
  if (session_->MovedBy() != LinesMover::kNobody) return {};
  return Fail(ExitCode::kRefused,
              "nobody is there to start the new firmware: no reset line is wired to this host",
              "run it in a terminal, and stay at the board until it has ended");
}

// A person's word lifts it for this run; proof ends it.
Result<void> Walk::RefuseQuarantine() {
  if (!flash_plan_) return {};
  TRY(const std::optional<std::string> why,
      FindQuarantine(seams_.record, plan_.manifest.firmware, flash_plan_->flashed_digest,
                     board_->mac));
  if (!why) return {};
  if (!options_.retry) return RefuseQuarantined(seams_.record, *why, board_->mac);
  journal_.Say({"plan", StageOutcome::kNote, *why + "; tried again, as asked", {}, {}});
  return {};
}

// A header that is refused may start on this very board for now.
Error Walk::ExplainRefusal(Error error) {
  StageEvent event{"plan", StageOutcome::kFail, "refused, nothing was written", {}, {}};
  const Result<FlashPlan> forced =
      PlanFlash(plan_.manifest.firmware, groundwork_.parts(), *board_, Caution::kForce);
  if (forced) {
    const Result<FlashFindings> findings = session_->Inspect(*forced);
    if (findings) {
      if (std::string hidden = DescribeHiddenFault(*forced, *board_, *findings, running_before_);
          !hidden.empty())
        event.details.push_back(std::move(hidden));
    }
  }
  journal_.Say(std::move(event));
  return error;
}

// Writing again what was proven here can not make the board worse.
Result<bool> Walk::IsKnownGoodHere() {
  TRY(const std::optional<BoardRecord> record, seams_.record.Board(board_->mac));
  if (!record || !flash_plan_) return false;
  return std::any_of(
      record->known_good.begin(), record->known_good.end(),
      [this](const KnownGood& good) { return good.flashed_digest == flash_plan_->flashed_digest; });
}

// A board of which nothing is known may hold the only copy of what it runs.
Result<void> Walk::BackUpUnknownBoard() {
  TRY(const std::optional<BoardRecord> record, seams_.record.Board(board_->mac));
  if (options_.no_backup || half_written_ ||
      (record && !(record->known_good.empty() && record->backups.empty())))
    return {};
  TRY(const bool readable, session_->CanRead());
  if (!readable || board_->flash_size_bytes == 0) return {};  // said with the board and the loader
  journal_.StartStage();
  std::vector<FirmwareSpec> others = plan_.manifest.fallbacks;
  others.push_back(plan_.manifest.firmware);
  TRY(const std::vector<FlashPlan> plans,
      PlansThatMayBeThere(seams_.record, seams_.store, others, *board_));
  TRY(const FlashDump dump, session_->Dump(*board_, KnownContents(plans)));
  if (dump.blank()) {
    journal_.Say({"backup", StageOutcome::kSkip, "the flash is blank", {}, {}});
    return {};
  }
  return KeepBackup(dump);
}

Result<void> Walk::KeepBackup(const FlashDump& dump) {
  TRY(const StoredBackup stored, StoreBackup(seams_.store, dump.content, *board_, running_before_));
  TRY_DO(seams_.record.AddBackup(journal_.run(), board_->mac,
                                 {FormatFirmware(stored.firmware), stored.flashed_digest, {}}));
  backed_up_ = true;
  journal_.Say(
      {"backup",
       StageOutcome::kOk,
       fmt::format("{} of flash: {} read, {} blank, {} already in the store; kept as {}{}",
                   FormatFlashSize(board_->flash_size_bytes), FormatByteCount(dump.bytes_read),
                   FormatByteCount(dump.bytes_blank), FormatByteCount(dump.bytes_known),
                   stored.firmware.Title(), stored.bootable ? "" : ", which does not start"),
       {},
       {}});
  return {};
}

Result<void> Walk::SecureFallback() {
  TRY_DO(journal_.Enter(RunState::kFallbackSecured, ""));
  TRY_DO(BackUpUnknownBoard());
  journal_.StartStage();
  const Sha256Digest avoid = flash_plan_ ? flash_plan_->flashed_digest : Sha256Digest{};
  TRY(FallbackList list,
      ListFallbacks(seams_.record, seams_.store, plan_.manifest, *board_, avoid));
  fallbacks_ = std::move(list.usable);
  if (!fallbacks_.empty()) {
    const Fallback& first = fallbacks_.front();
    std::string text = fmt::format("{}, {}, digest checked", first.firmware.Title(), first.origin);
    if (fallbacks_.size() > 1) text += fmt::format(", and {} more", fallbacks_.size() - 1);
    journal_.Say({"fallback", StageOutcome::kOk, std::move(text), std::move(list.unusable), {}});
    return {};
  }
  TRY(const bool known_good, IsKnownGoodHere());
  if (known_good) {
    journal_.Say({"fallback",
                  StageOutcome::kOk,
                  "no other one; this very firmware is known good on the board",
                  {},
                  {}});
    return {};
  }
  if (options_.no_fallback) {
    journal_.Say({"fallback",
                  StageOutcome::kNote,
                  "none, as --no-fallback accepts",
                  std::move(list.unusable),
                  {}});
    return {};
  }
  journal_.Say({"fallback", StageOutcome::kFail, "none is at hand", std::move(list.unusable), {}});
  return Fail(ExitCode::kRefused,
              fmt::format("no fallback is at hand for board {}", board_->mac.ToString()),
              "add a [[fallback]] to the manifest or make its download reachable; --no-fallback "
              "takes the risk");
}

}  // namespace lastgood
