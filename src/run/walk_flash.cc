// SPDX-License-Identifier: MIT
// Changing the board and proving what is on it.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/units.h"
#include "plan/header_decision.h"
#include "run/boot_match.h"
#include "run/evidence_of.h"
#include "run/flash_backup.h"
#include "run/repair_cause.h"
#include "run/verdict_policy.h"
#include "run/walk.h"

namespace lastgood {
namespace {

constexpr int kFlashAttempts = 3;     // of the new firmware, stepping down the rate
constexpr int kFallbackAttempts = 2;  // of each fallback
constexpr std::uint32_t kSectorBytes = 4096;

std::uint64_t SizeOf(const FlashPlan& plan) {
  std::uint64_t size = 0;
  for (const FlashableImage& image : plan.images) size += image.bytes().size();
  return size;
}

std::string DescribeAmount(const FlashPlan& plan, const WriteSummary& summary, std::uint32_t baud) {
  if (summary.digest_matches) {
    const std::uint64_t written = std::uint64_t{summary.sectors_written} * kSectorBytes;
    if (summary.sectors_written == 0)
      return fmt::format("none of {} sectors differs, MD5 matches", summary.sectors_total);
    return fmt::format("{} of {} sectors differ, {} written at {}, MD5 matches",
                       summary.sectors_written, summary.sectors_total,
                       FormatByteCount(std::min(written, SizeOf(plan))), baud);
  }
  std::string text = fmt::format("{} of {} written at {}",
                                 FormatByteCount(SizeOf(plan) - summary.blank_bytes_skipped),
                                 FormatByteCount(SizeOf(plan)), baud);
  if (summary.blank_bytes_skipped > 0) text += ", the rest is blank";
  return text;
}

std::string DescribeWrite(const FlashPlan& plan, const WriteSummary& summary, std::uint32_t baud) {
  std::string text = DescribeAmount(plan, summary, baud);
  if (summary.recoveries > 0)
    text += fmt::format(", {} {} mended", summary.recoveries,
                        summary.recoveries == 1 ? "failure" : "failures");
  return text;
}

}  // namespace

// Every sector on the board is as planned, whoever wrote it; or, where the chip can not tell, the
// record says that this very image was proven here and nothing was written since. Then only ask the
// board.
Result<bool> Walk::IsProvenAlready() {
  TRY(const bool there, IsThereAlready());
  if (!there) return false;
  TRY(const HealthVerdict verdict, Prove(plan_.manifest.firmware, *flash_plan_, "health"));
  return verdict.good();
}

Result<bool> Walk::IsThereAlready() {
  TRY(difference_, session_->Compare(*flash_plan_));
  if (difference_) {
    journal_.Keep(ComparedEvidence("flash", *flash_plan_, *difference_, FlashSize()));
    if (!difference_->none() && !IsOnlyParameters(*flash_plan_, difference_->ranges)) return false;
    journal_.Say({"flash",
                  StageOutcome::kSkip,
                  difference_->none()
                      ? fmt::format("none of {} sectors differs", difference_->sectors_total)
                      : fmt::format("only {} of {} sectors differ: the firmware's own parameters",
                                    difference_->sectors, difference_->sectors_total),
                  {},
                  {}});
    return true;
  }
  TRY(const std::optional<BoardRecord> record, seams_.record.Board(board_->mac));
  if (!record || record->running.empty() || record->known_good.empty()) return false;
  if (record->known_good.front().flashed_digest != flash_plan_->flashed_digest) return false;
  return record->running == plan_.manifest.firmware.Title();
}

// Rules B4 and B5. Before the write: once it has begun, nobody can tell what was there.
Result<void> Walk::ClearStaleParameters(const FlashPlan& plan, const std::string& stage) {
  TRY(found_, session_->Inspect(plan));
  const ParameterPlan parameters = PlanParameters(plan, found_, running_before_);
  TRY_DO(KeepBeforeErasing(parameters.erase));
  TRY(const std::vector<FlashRange> refused, session_->Erase(parameters.erase));
  journal_.Keep(ErasedEvidence(stage, parameters.erase, refused, FlashSize()));
  for (const std::string& reason : parameters.reasons)
    journal_.Say({stage, StageOutcome::kNote, reason, {}, {}});
  for (const FlashRange& range : refused)
    journal_.Say(
        {stage,
         StageOutcome::kNote,
         fmt::format("0x{:x} stays as it is: the ROM loader can not erase one sector alone",
                     range.offset),
         {},
         {}});
  return {};
}

// A host that can not keep a copy, on a full disk say, does not keep the fallback from the board.
Result<void> Walk::ClearForFallback(const FlashPlan& plan) {
  Result<void> cleared = ClearStaleParameters(plan, "rollback");
  if (cleared || cleared.error().code == ExitCode::kBoard ||
      cleared.error().code == ExitCode::kInterrupted)
    return cleared;
  journal_.Say({"rollback",
                StageOutcome::kNote,
                "no parameters are cleared: " + cleared.error().message,
                {},
                {}});
  return {};
}

Result<void> Walk::WriteOnce(const FirmwareSpec& firmware, const FlashPlan& plan,
                             const std::string& stage) {
  journal_.StartStage();
  const std::uint32_t baud = session_->baud();
  const std::optional<FlashDifference> known = std::exchange(difference_, std::nullopt);
  Result<WriteSummary> summary =
      session_->Write(plan, firmware.flash.erase_all, *board_, known, stage);
  if (!summary) {
    journal_.Keep(DoubtEvidence(stage, plan, known, FlashSize()));
    journal_.Say({stage, StageOutcome::kFail, summary.error().message, {}, {}});
    return Fail(std::move(summary).error());
  }
  journal_.Keep(WrittenEvidence(stage, plan, *summary, firmware.flash.erase_all, FlashSize()));
  journal_.Say({stage,
                StageOutcome::kOk,
                fmt::format("{}, {}", firmware.Title(), DescribeWrite(plan, *summary, baud)),
                {},
                {}});
  return {};
}

Result<void> Walk::FlashNew() {
  bool cleared = false;
  for (int attempt = 1;; ++attempt) {
    TRY_DO(journal_.Enter(RunState::kFlashingNew,
                          fmt::format("attempt {} at {}", attempt, session_->baud())));
    TRY_DO(seams_.record.MarkUnproven(journal_.run(), board_->mac));
    Result<void> written;
    if (!cleared) written = ClearStaleParameters(*flash_plan_, "flash");
    cleared = written.has_value();
    if (written) written = WriteOnce(plan_.manifest.firmware, *flash_plan_, "flash");
    if (written) return {};
    if (attempt == kFlashAttempts || written.error().code != ExitCode::kBoard) return written;
    session_->StepDown();
  }
}

void Walk::ExplainHealth(const HealthVerdict& verdict, const FlashPlan& plan,
                         StageEvent& event) const {
  if (const BootComparison comparison = CompareWithPlan(verdict, plan); IsAnother(comparison))
    event.details.push_back(comparison.text);
  if (RepairFor(verdict) != RepairCause::kInitData || !HasParameterArea(plan)) return;
  const std::uint32_t header = plan.header_size_bytes;
  const std::uint32_t real = board_->flash_size_bytes;
  if (header == HeaderSizeThatStarts(real)) return;
  event.details.push_back(
      header != real
          ? fmt::format("the header says {} of flash, the chip has {}: the SDK looks for its init "
                        "data in the wrong place",
                        FormatFlashSize(header), FormatFlashSize(real))
          : fmt::format("the header says {} of flash, as the chip has, but the firmware writes its "
                        "init data at the end of the first {}: the SDK looks elsewhere",
                        FormatFlashSize(header), FormatFlashSize(HeaderSizeThatStarts(real))));
}

Result<HealthVerdict> Walk::Prove(const FirmwareSpec& firmware, const FlashPlan& plan,
                                  const std::string& stage) {
  journal_.StartStage();
  difference_.reset();  // what runs may write
  Result<HealthVerdict> verdict = session_->Check(firmware.health);
  if (!verdict) {
    journal_.Say({stage, StageOutcome::kFail, verdict.error().message, {}, {}});
    return verdict;
  }
  verdict = HoldAgainstPlan(*std::move(verdict), firmware.health.kind, plan);
  last_health_ = verdict->health;
  StageEvent event{
      stage, verdict->good() ? StageOutcome::kOk : StageOutcome::kFail, verdict->summary, {}, {}};
  if (!verdict->good()) ExplainHealth(*verdict, plan, event);
  event.details.insert(event.details.end(), verdict->notes.begin(), verdict->notes.end());
  journal_.Say(std::move(event));
  journal_.Keep(VerdictEvidenceOf(stage, firmware.Title(), *verdict));
  return verdict;
}

Result<void> Walk::ProveNew() {
  TRY_DO(journal_.Enter(RunState::kHealth, ""));
  TRY(HealthVerdict verdict, Prove(plan_.manifest.firmware, *flash_plan_, "health"));
  TRY(const bool repaired, Repair(verdict));
  if (repaired) {
    TRY(verdict, Prove(plan_.manifest.firmware, *flash_plan_, "health"));
    if (!verdict.good()) SayRepair("it did not help: " + VerdictName(verdict));
  }
  if (verdict.good()) return {};
  TRY_DO(Condemn(verdict));
  return Fail(ExitCode::kRolledBack,
              fmt::format("{} did not prove itself{}", plan_.manifest.firmware.Title(),
                          repaired ? ", not after a repair either" : ""),
              verdict.remedy);
}

// On disk before the rollback begins: a power cut then does not let the next start try it again.
Result<void> Walk::Condemn(const HealthVerdict& verdict) {
  failed_ = verdict;
  failed_blame_ = BlameFor(verdict);
  if (IsAnother(CompareWithPlan(verdict, *flash_plan_))) failed_blame_ = Blame::kNotFirmware;
  if (failed_blame_ != Blame::kFirmware) return {};
  return seams_.record.AddQuarantine(journal_.run(), board_->mac, flash_plan_->flashed_digest);
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
    Result<void> written = ClearForFallback(*plan);
    if (written) {
      running_before_ = fallback.firmware.Title();  // for the next one, should this one fail
      written = WriteOnce(fallback.firmware, *plan, "rollback");
    }
    if (!written && IsToBeResumed(written.error())) return Fail(written.error());
    if (!written) {
      session_->StepDown();
      continue;
    }
    const Result<HealthVerdict> verdict = Prove(fallback.firmware, *plan, "rollback");
    if (!verdict && IsToBeResumed(verdict.error())) return Fail(verdict.error());
    if (verdict && verdict->good()) return true;
  }
  return false;
}

}  // namespace lastgood
