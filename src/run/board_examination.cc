// SPDX-License-Identifier: MIT
#include "run/board_examination.h"

#include <utility>

#include "plan/parameter_plan.h"
#include "run/board_session.h"
#include "run/fallbacks.h"

namespace lastgood {
namespace {

class Examiner {
 public:
  Examiner(ExaminationSeams& seams, BoardSession session)
      : seams_(seams), session_(std::move(session)) {}

  Result<BoardExamination> Run();

 private:
  // What stops an examination, and what is only one more thing that is now known.
  template <class T>
  bool Stops(const Result<T>& result) const {
    return !result && result.error().code == ExitCode::kInterrupted;
  }
  Result<void> AskLoader();
  Result<void> CompareWithRecord();
  Result<FlashStanding> StandingOf(const BoardRecord& record);
  Result<bool> Holds(const FlashPlan& plan);

  ExaminationSeams& seams_;
  BoardSession session_;
  BoardExamination found_;
};

Result<BoardExamination> Examiner::Run() {
  found_.device = session_.device();
  TRY(found_.running_before, session_.NameRunningFirmware());
  found_.download = session_.ObserveBoot(BoardMode::kDownload);
  if (Stops(found_.download)) return Fail(found_.download.error());
  TRY_DO(AskLoader());
  found_.boot = session_.ObserveBoot(BoardMode::kRun);
  if (Stops(found_.boot)) return Fail(found_.boot.error());
  TRY(found_.running, session_.NameRunningFirmware());
  return std::move(found_);
}

Result<void> Examiner::AskLoader() {
  found_.identity = session_.Identify();
  if (Stops(found_.identity)) return Fail(found_.identity.error());
  if (!found_.identity) return {};
  TRY(found_.loader, session_.DescribeLoader());
  found_.baud = session_.baud();
  return CompareWithRecord();
}

Result<void> Examiner::CompareWithRecord() {
  if (!seams_.record) return {};
  TRY(const std::optional<BoardRecord> record, seams_.record->Board(found_.identity->mac));
  if (!record) return {};
  found_.recorded = record->running;
  TRY(found_.standing, StandingOf(*record));
  return {};
}

Result<FlashStanding> Examiner::StandingOf(const BoardRecord& record) {
  if (record.known_good.empty()) return FlashStanding::kNothingProven;
  bool all_compared = true;
  for (const KnownGood& good : record.known_good) {
    TRY(const FirmwareSpec firmware, ParseFirmware(good.firmware_toml));
    if (found_.known_good.empty()) {
      found_.known_good = firmware.Title();
      found_.good_since = good.since;
    }
    const Result<FlashPlan> plan =
        PlanFallback(seams_.store, firmware, *found_.identity, Caution::kForce);
    TRY(const bool can_digest, session_.CanDigest());
    if (!plan || !can_digest) {
      all_compared = false;
      continue;
    }
    TRY(const bool holds, Holds(*plan));
    if (!holds) continue;
    found_.known_good = firmware.Title();
    found_.good_since = good.since;
    return FlashStanding::kKnownGood;
  }
  return all_compared ? FlashStanding::kChanged : FlashStanding::kNotCompared;
}

Result<bool> Examiner::Holds(const FlashPlan& plan) {
  TRY(const std::optional<FlashDifference> difference, session_.Compare(plan));
  return difference && (difference->none() || IsOnlyParameters(plan, difference->ranges));
}

}  // namespace

Result<BoardExamination> ExamineBoard(ExaminationSeams& seams, const BoardSpec& board,
                                      const RunOptions& options) {
  TRY(BoardSession session,
      BoardSession::Open(seams.board, board, options.serial_device, options.loader));
  return Examiner(seams, std::move(session)).Run();
}

}  // namespace lastgood
