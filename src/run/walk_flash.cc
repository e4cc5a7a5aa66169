// SPDX-License-Identifier: MIT
// Changing the board and proving what is on it.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/units.h"
#include "run/walk.h"

namespace lastgood {
namespace {

constexpr int kFlashAttempts = 3;     // of the new firmware, stepping down the rate
constexpr int kFallbackAttempts = 2;  // of each fallback

std::uint64_t SizeOf(const FlashPlan& plan) {
  std::uint64_t size = 0;
  for (const FlashableImage& image : plan.images) size += image.bytes().size();
  return size;
}

// What a person wants to know of a write: how much was needed, and whether it went smoothly.
std::string DescribeWrite(const WriteSummary& summary, std::uint64_t size_bytes,
                          std::uint32_t baud) {
  std::string text;
  if (!summary.digest_matches) {
    text = fmt::format("{} of {} written at {}",
                       FormatByteCount(size_bytes - summary.blank_bytes_skipped),
                       FormatByteCount(size_bytes), baud);
    if (summary.blank_bytes_skipped > 0) text += ", the rest is blank";
  } else if (summary.sectors_erased == 0) {
    text = fmt::format("all {} sectors were there already", summary.sectors_total);
  } else {
    // After trouble some were written twice.
    const std::uint32_t sectors = std::min(summary.sectors_erased, summary.sectors_total);
    text = fmt::format("{} of {} sectors written at {}", sectors, summary.sectors_total, baud);
    if (sectors < summary.sectors_total) text += ", the rest was there already";
  }
  if (summary.recoveries > 0)
    text += fmt::format(" ({} {} mended)", summary.recoveries,
                        summary.recoveries == 1 ? "failure" : "failures");
  return text;
}

bool IsInitDataFault(BootFault fault) {
  return fault == BootFault::kInitDataMissing || fault == BootFault::kInitDataWrong;
}

}  // namespace

// The record says that this very image was proven here and nothing was written since: then only ask
// the board.
Result<bool> Walk::IsProvenAlready() {
  TRY(const std::optional<BoardRecord> record, seams_.record.Board(board_->mac));
  if (!record || record->running.empty() || record->known_good.empty()) return false;
  if (record->known_good.front().flashed_digest != flash_plan_->flashed_digest) return false;
  if (record->running != plan_.manifest.firmware.Title()) return false;
  TRY(const HealthVerdict verdict, Prove(plan_.manifest.firmware, "health"));
  return verdict.good();
}

Result<void> Walk::WriteOnce(const FirmwareSpec& firmware, const FlashPlan& plan,
                             const std::string& stage) {
  journal_.StartStage();
  Result<WriteSummary> summary = session_->Write(plan, firmware.flash.erase_all, *board_, stage);
  if (!summary) {
    journal_.Say({stage, StageOutcome::kFail, summary.error().message, {}, {}});
    return Fail(std::move(summary).error());
  }
  journal_.Say({stage,
                StageOutcome::kOk,
                fmt::format("{}, {}", firmware.Title(),
                            DescribeWrite(*summary, SizeOf(plan), session_->baud())),
                {},
                {}});
  return {};
}

Result<void> Walk::FlashNew() {
  for (int attempt = 1;; ++attempt) {
    TRY_DO(journal_.Enter(RunState::kFlashingNew,
                          fmt::format("attempt {} at {}", attempt, session_->baud())));
    TRY_DO(seams_.record.MarkUnproven(journal_.run(), board_->mac));
    Result<void> written = WriteOnce(plan_.manifest.firmware, *flash_plan_, "flash");
    if (written) return {};
    if (attempt == kFlashAttempts || written.error().code != ExitCode::kBoard) return written;
    session_->StepDown();
  }
}

void Walk::ExplainHealth(const HealthVerdict& verdict, StageEvent& event) const {
  if (!IsInitDataFault(verdict.fault) || !flash_plan_ || !board_) return;
  if (flash_plan_->header_size_bytes == board_->flash_size_bytes) return;
  event.details.push_back(fmt::format(
      "the header says {} of flash, the chip has {}: the SDK looks for its init data in "
      "the wrong place",
      FormatFlashSize(flash_plan_->header_size_bytes), FormatFlashSize(board_->flash_size_bytes)));
}

Result<HealthVerdict> Walk::Prove(const FirmwareSpec& firmware, const std::string& stage) {
  journal_.StartStage();
  Result<HealthVerdict> verdict = session_->Check(firmware.health);
  if (!verdict) {
    journal_.Say({stage, StageOutcome::kFail, verdict.error().message, {}, {}});
    return verdict;
  }
  StageEvent event{
      stage, verdict->good() ? StageOutcome::kOk : StageOutcome::kFail, verdict->summary, {}, {}};
  if (!verdict->good()) ExplainHealth(*verdict, event);
  journal_.Say(std::move(event));
  journal_.Keep("heard from the board", Printable(verdict->transcript));
  return verdict;
}

Result<void> Walk::ProveNew() {
  TRY_DO(journal_.Enter(RunState::kHealth, ""));
  TRY(const HealthVerdict verdict, Prove(plan_.manifest.firmware, "health"));
  if (verdict.good()) return {};
  verdict_failed_ = true;
  return Fail(ExitCode::kRolledBack,
              fmt::format("{} did not prove itself", plan_.manifest.firmware.Title()),
              verdict.remedy);
}

Result<bool> Walk::TryFallback(const Fallback& fallback) {
  for (int attempt = 1; attempt <= kFallbackAttempts; ++attempt) {
    TRY_DO(journal_.Enter(RunState::kFlashingFallback,
                          fmt::format("{} attempt {}", fallback.firmware.Title(), attempt)));
    TRY_DO(seams_.record.MarkUnproven(journal_.run(), board_->mac));
    const Result<FlashPlan> plan =
        PlanFallback(seams_.store, fallback.firmware, *board_, fallback.caution);
    if (!plan) {
      journal_.Say({"rollback", StageOutcome::kFail, plan.error().message, {}, {}});
      return false;
    }
    const Result<void> written = WriteOnce(fallback.firmware, *plan, "rollback");
    if (!written && written.error().code == ExitCode::kInterrupted) return Fail(written.error());
    if (!written) {
      session_->StepDown();
      continue;
    }
    const Result<HealthVerdict> verdict = Prove(fallback.firmware, "rollback");
    if (!verdict && verdict.error().code == ExitCode::kInterrupted) return Fail(verdict.error());
    if (verdict && verdict->good()) return true;
  }
  return false;
}

}  // namespace lastgood
