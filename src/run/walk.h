// SPDX-License-Identifier: MIT
// One run on its way through the state table. The stages are members in the order in which they
// happen; each enters its state first. run/provisioner.cc decides where a walk begins.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "plan/flash_plan.h"
#include "plan/plan.h"
#include "run/board_session.h"
#include "run/fallbacks.h"
#include "run/groundwork.h"
#include "run/journal.h"
#include "run/provisioner.h"
#include "run/recording_connector.h"
#include "run/seams.h"
#include "run/verdict_policy.h"

namespace lastgood {

// What a run went through before this walk.
struct RunPast {
  int entered = 1;                      // states that count: "planned"
  std::set<std::string> rebooted_from;  // boot ids in which it asked for a reboot
};

class Walk {
 public:
  Walk(Seams& seams, const Plan& plan, const RunOptions& options, RunId run, RunPast past = {});

  RunOutcome Forward();  // from the beginning
  RunOutcome FlashAgain(
      const std::string& why);  // the board is unproven: prepare, write, prove, or roll back
  RunOutcome CheckAgain();      // the write was complete: prove it, or roll back
  RunOutcome RollBack(const Error& why);  // whatever was tried failed
  RunOutcome Finish(ExitCode code, const std::string& text);

  void Say(const StageEvent& event);  // what was found out before

  // For several boards: what no board is needed for, before Forward(), once for all of them.
  Result<void> LayGroundwork() { return groundwork_.Lay(); }
  Result<void> TakeGroundwork(const Walk& other) { return groundwork_.Take(other.groundwork_); }
  RunOutcome GiveUp(const Error& error) { return Stop(error); }  // it could not be laid

 private:
  // Preparing: nothing on the board changes.
  Result<void> Prepare();
  Result<void> IdentifyBoard();
  Result<void> OpenBoard();
  Result<void> SecureFallback();
  Result<bool> IsKnownGoodHere();
  Result<void> BackUpUnknownBoard();
  Result<void> KeepBackup(const FlashDump& dump);
  Result<void> RefuseQuarantine();
  Error ExplainRefusal(Error error);
  Result<void> RefuseUnattended();

  // Changing and proving.
  Result<bool> IsProvenAlready();
  Result<bool> IsThereAlready();
  Result<void> ClearStaleParameters(const FlashPlan& plan, const std::string& stage);
  Result<void> ClearForFallback(const FlashPlan& plan);
  Result<std::string> KeepBeforeErasing(const std::vector<FlashRange>& ranges);
  Result<bool> Repair(const HealthVerdict& verdict);
  Result<bool> ClearForRepair(const RepairPlan& repair);
  void SayRepair(std::string text);
  Result<void> FlashNew();
  Result<void> ProveNew();
  Result<void> Condemn(const HealthVerdict& verdict);
  Result<void> NoticeComeback();
  Result<bool> TryFallback(const Fallback& fallback);
  Result<void> WriteOnce(const FirmwareSpec& firmware, const FlashPlan& plan,
                         const std::string& stage);
  Result<HealthVerdict> Prove(const FirmwareSpec& firmware, const FlashPlan& plan,
                              const std::string& stage);
  void ExplainHealth(const HealthVerdict& verdict, const FlashPlan& plan, StageEvent& event) const;

  // Ending.
  RunOutcome Proceed();                      // flash, prove, commit
  RunOutcome OnFailure(const Error& error);  // what the state table says
  RunOutcome Stop(const Error& error);
  RunOutcome AwaitReboot(const Error& why);
  Result<void> RebootByItself();
  RunOutcome CommitHost();
  RunOutcome Commit(bool changed);
  RunOutcome RolledBack(const Error& why, const Fallback& fallback);
  RunOutcome NeedsHands(const Error& why);
  RunOutcome LeaveForResume(const Error& why);
  std::string Comeback() const;               // for the run's last line; may be empty
  bool NobodyCame(const Error& error) const;  // it takes a person to go on
  bool IsToBeResumed(const Error& error) const;
  RunOutcome End(Record::RunEnd end, RunOutcome outcome);
  RunOutcome Outcome(ExitCode code, std::string text, std::string hint) const;
  std::string Typed(const std::string& command) const;
  std::string Elapsed() const;
  std::uint32_t FlashSize() const { return board_ ? board_->flash_size_bytes : 0; }

  Seams& seams_;
  const Plan& plan_;
  const RunOptions& options_;
  Journal journal_;
  RecordingConnector connector_;  // tells the journal what goes over the wires
  Groundwork groundwork_;         // refers to journal_
  TimePoint started_;
  RunPast past_;
  std::optional<HealthVerdict> failed_;  // of the new firmware, once it was asked and found bad
  Blame failed_blame_ = Blame::kNotFirmware;
  std::optional<Health> last_health_;  // of whatever was asked last
  std::string came_back_;              // what answered after that, by itself
  bool half_written_ = false;          // by a run that was cut: no copy of that is worth having
  bool backed_up_ = false;             // the whole flash, in this run
  bool repaired_ = false;              // one repair a run
  FlashFindings found_;                // before the new firmware was written
  std::string running_before_;         // what answered before the run, then what failed last
  std::optional<BoardSession> session_;
  std::optional<BoardIdentity> board_;
  std::optional<FlashPlan> flash_plan_;
  std::optional<FlashDifference> difference_;  // as long as nothing ran that may have written
  std::vector<Fallback> fallbacks_;
};

}  // namespace lastgood
