// SPDX-License-Identifier: MIT
#include "run/walk.h"

#include <fmt/format.h>

#include <utility>

#include "base/units.h"
#include "run/hands.h"
#include "run/host_setup.h"
#include "run/reboot.h"
#include "run/verdict_policy.h"

namespace lastgood {

Walk::Walk(Seams& seams, const Plan& plan, const RunOptions& options, RunId run, RunPast past)
    : seams_(seams),
      plan_(plan),
      options_(options),
      journal_(seams, run, past.entered),
      connector_(seams.connector, journal_.wires(), seams.clock),
      groundwork_(seams, plan, journal_, {options.keep_going}),
      started_(seams.clock.Now()),
      past_(std::move(past)) {}

void Walk::Say(const StageEvent& event) {
  journal_.StartStage();
  journal_.Say(event);
}

RunOutcome Walk::Forward() {
  if (options_.host_only) {
    const Result<void> laid = LayGroundwork();
    return laid ? CommitHost() : OnFailure(laid.error());
  }
  if (const Result<void> prepared = Prepare(); !prepared) return OnFailure(prepared.error());
  const Result<bool> proven = IsProvenAlready();
  if (!proven) return OnFailure(proven.error());
  if (*proven) return Commit(/*changed=*/false);
  if (const Result<void> secured = SecureFallback(); !secured) return OnFailure(secured.error());
  return Proceed();
}

RunOutcome Walk::FlashAgain(const std::string& why) {
  half_written_ = true;
  Result<void> prepared = Prepare();
  if (prepared) prepared = SecureFallback();
  // There was a fallback before the first write. Should it be lost: the board runs nothing now, and
  // what it was to run is at hand.
  if (!prepared && journal_.state() == RunState::kFallbackSecured &&
      prepared.error().code == ExitCode::kRefused)
    return Proceed();
  if (!prepared && NobodyCame(prepared.error())) return LeaveForResume(prepared.error());
  if (!prepared) {
    return RollBack(
        {ExitCode::kRolledBack, why + "; " + prepared.error().message, prepared.error().hint});
  }
  return Proceed();
}

RunOutcome Walk::CheckAgain() {
  if (const Result<void> prepared = Prepare(); !prepared) return RollBack(prepared.error());
  if (const Result<void> proven = ProveNew(); !proven) return OnFailure(proven.error());
  return Commit(/*changed=*/true);
}

RunOutcome Walk::Proceed() {
  Result<void> done = FlashNew();
  if (done) done = ProveNew();
  if (!done) return OnFailure(done.error());
  return Commit(/*changed=*/true);
}

RunOutcome Walk::OnFailure(const Error& error) {
  switch (RowOf(journal_.state()).on_error) {
    case OnError::kRollBack:
      return RollBack(error);
    case OnError::kStop:
    case OnError::kNextFallback:
    case OnError::kNever:
      break;
  }
  return Stop(error);
}

RunOutcome Walk::RollBack(const Error& why) {
  // The wish to stop is being fulfilled: a second one ends the rollback too.
  seams_.interrupt.Clear();
  if (NobodyCame(why)) return LeaveForResume(why);
  if (!board_) {
    if (const Result<void> identified = IdentifyBoard(); !identified)
      return NobodyCame(identified.error()) ? LeaveForResume(identified.error())
                                            : NeedsHands(identified.error());
  }
  if (fallbacks_.empty()) {
    const Sha256Digest avoid = flash_plan_ ? flash_plan_->flashed_digest : Sha256Digest{};
    Result<FallbackList> list =
        ListFallbacks(seams_.record, seams_.store, plan_.manifest, *board_, avoid);
    if (list) fallbacks_ = std::move(list->usable);
  }
  if (const Result<void> noticed = NoticeComeback(); !noticed)
    return LeaveForResume(noticed.error());
  if (flash_plan_) running_before_ = plan_.manifest.firmware.Title();
  for (const Fallback& fallback : fallbacks_) {
    const Result<bool> proven = TryFallback(fallback);
    if (!proven && IsToBeResumed(proven.error())) return LeaveForResume(proven.error());
    if (!proven) return NeedsHands(proven.error());
    if (*proven) return RolledBack(why, fallback);
  }
  return NeedsHands(why);
}

// A board that failed may answer again by the time that it is asked for the fallback. It did not
// stay up, and is rolled back all the same; a person should know.
Result<void> Walk::NoticeComeback() {
  if (!failed_ || HadAnswered(failed_->health) || !session_) return {};
  const Result<std::string> running = session_->NameRunningFirmware();
  if (!running && running.error().code == ExitCode::kInterrupted) return Fail(running.error());
  if (!running || *running == "unknown") return {};
  came_back_ = *running;
  journal_.Say({"rollback",
                StageOutcome::kNote,
                fmt::format("the board answers again by itself, as {}; it did not stay up before",
                            came_back_),
                {},
                {}});
  return {};
}

std::string Walk::Comeback() const {
  return came_back_.empty() ? ""
                            : fmt::format(", though it answered again later as {}", came_back_);
}

RunOutcome Walk::Outcome(ExitCode code, std::string text, std::string hint) const {
  RunOutcome outcome;
  outcome.run = journal_.run();
  outcome.code = code;
  outcome.text = std::move(text);
  outcome.hint = std::move(hint);
  if (board_) outcome.board = board_->mac.ToString();
  outcome.changed = groundwork_.host_changed();
  return outcome;
}

std::string Walk::Elapsed() const {
  return FormatSeconds(
      std::chrono::duration_cast<std::chrono::milliseconds>(seams_.clock.Now() - started_));
}

RunOutcome Walk::End(Record::RunEnd end, RunOutcome outcome) {
  session_.reset();  // the board runs again before the run is called ended
  if (!past_.rebooted_from.empty() && seams_.host != nullptr) {
    if (const Result<void> removed = RemoveResumeUnit(*seams_.host); !removed)
      journal_.Say({"host", StageOutcome::kNote, removed.error().message, {}, {}});
  }
  end.exit_code = static_cast<int>(outcome.code);
  end.outcome = outcome.text;
  if (!outcome.hint.empty()) journal_.Keep(HintEvidence{outcome.hint});
  end.evidence = journal_.TakeEvidence();
  if (const Result<void> ended = seams_.record.EndRun(journal_.run(), end); !ended) {
    // Failing to write the record never changes the board: what was done stands, and the next start
    // ends the run.
    journal_.Say({"record", StageOutcome::kFail, ended.error().message, {}, {}});
    if (outcome.code == ExitCode::kDone) outcome.code = ExitCode::kInternal;
  }
  return outcome;
}

RunOutcome Walk::Stop(const Error& error) {
  if (error.code == ExitCode::kRebootNeeded) return AwaitReboot(error);
  Record::RunEnd end;
  end.keeps_running = true;
  return End(std::move(end), Outcome(error.code, error.message, error.hint));
}

// The run stays unfinished in the record: the next start goes on with it.
RunOutcome Walk::AwaitReboot(const Error& why) {
  const std::string& boot_id = seams_.host->boot_id;
  // Taken up again before the reboot came: nothing new.
  if (!past_.rebooted_from.contains(boot_id)) {
    if (static_cast<int>(past_.rebooted_from.size()) >= kRebootsMax)
      return Stop(
          TakeBack(seams_, journal_,
                   {ExitCode::kSetupFailed,
                    fmt::format("the host was rebooted {} times, and its steps ask for it again",
                                kRebootsMax),
                    "two of its steps undo each other: lastgood plan shows what they change"}));
    if (const Result<void> entered = journal_.Enter(RunState::kReboot, boot_id); !entered)
      return Stop(TakeBack(seams_, journal_, entered.error()));
  }
  journal_.StoreEvidence();
  if (!options_.reboot) return Outcome(why.code, why.message, why.hint);
  if (const Result<void> begun = RebootByItself(); !begun)
    return Outcome(
        why.code,
        fmt::format("{}; it can not be rebooted from here: {}", why.message, begun.error().message),
        why.hint);
  return Outcome(why.code, "the host is being rebooted; the run goes on by itself", "");
}

Result<void> Walk::RebootByItself() {
  if (!seams_.host->is_running)
    return Fail(ExitCode::kRebootNeeded, "systemd does not run this host");
  TRY_DO(InstallResumeUnit(*seams_.host, seams_.resume_command));
  return Reboot(*seams_.host);
}

RunOutcome Walk::CommitHost() {
  Record::RunEnd end;
  end.state = StateName(RunState::kCommitted);
  end.keeps_running = true;
  return End(
      std::move(end),
      Outcome(ExitCode::kDone,
              fmt::format("The host is set up for {}{} ({}).", plan_.manifest.name,
                          groundwork_.host_changed() ? "" : " as it was before: nothing to do",
                          Elapsed()),
              ""));
}

RunOutcome Walk::Finish(ExitCode code, const std::string& text) {
  Record::RunEnd end;
  end.keeps_running = true;
  return End(std::move(end), Outcome(code, text, ""));
}

RunOutcome Walk::Commit(bool changed) {
  const FirmwareSpec& firmware = plan_.manifest.firmware;
  Record::RunEnd end;
  end.state = StateName(RunState::kCommitted);
  end.running = firmware.Title();
  end.now_good = KnownGood{FormatFirmware(firmware), flash_plan_->flashed_digest, {}};
  // A program that was interrupted for the check runs again.
  if (const Result<void> running = session_->RunFirmware(); !running) {
    journal_.Say({"health", StageOutcome::kNote, running.error().message, {}, {}});
  }
  const char* verdict =
      changed ? "and is known good" : "as it did before, and is known good: nothing to do";
  RunOutcome outcome = Outcome(ExitCode::kDone,
                               fmt::format("Board {} runs {} {} ({}).", board_->mac.ToString(),
                                           firmware.Title(), verdict, Elapsed()),
                               "");
  outcome.changed = changed || groundwork_.host_changed();
  outcome.firmware = firmware.Title();
  return End(std::move(end), std::move(outcome));
}

// What a person is told to type.
std::string Walk::Typed(const std::string& command) const {
  return fmt::format("lastgood {}{}", command, StateArgument(seams_.state_directory));
}

RunOutcome Walk::RolledBack(const Error& why, const Fallback& fallback) {
  const bool interrupted = why.code == ExitCode::kInterrupted;
  // With other flash settings, say.
  const bool is_same = fallback.firmware.Title() == plan_.manifest.firmware.Title();
  Record::RunEnd end;
  end.state = StateName(RunState::kRolledBack);
  end.running = fallback.firmware.Title();
  end.now_good = KnownGood{FormatFirmware(fallback.firmware), fallback.flashed_digest, {}};
  // The fallback answers over the same wires.
  if (failed_ && failed_blame_ == Blame::kIfProvenOut)
    end.quarantined = flash_plan_->flashed_digest;
  if (const Result<void> running = session_->RunFirmware(); !running) {
    journal_.Say({"rollback", StageOutcome::kNote, running.error().message, {}, {}});
  }
  RunOutcome outcome =
      Outcome(interrupted ? ExitCode::kInterrupted : ExitCode::kRolledBack,
              fmt::format("{}{}; rolled back, the board runs {}{}", why.message, Comeback(),
                          fallback.firmware.Title(), is_same ? ", " + fallback.origin : ""),
              fmt::format("{}{}the whole story: {}", why.hint, why.hint.empty() ? "" : "; ",
                          Typed(fmt::format("show {}", journal_.run()))));
  outcome.firmware = fallback.firmware.Title();
  outcome.changed = true;
  outcome.rolled_back = true;
  return End(std::move(end), std::move(outcome));
}

RunOutcome Walk::NeedsHands(const Error& why) {
  HandsFacts facts = HandsFactsOf(plan_.recipe.board, plan_.manifest.recipe,
                                  plan_.recipe.document.name(), journal_.run());
  facts.serial_device = options_.serial_device;
  if (facts.serial_device.empty() && session_ && session_->device().starts_with("/"))
    facts.serial_device = session_->device();
  if (board_) facts.board = board_->mac.ToString();
  facts.last = last_health_;
  facts.state_directory = seams_.state_directory;
  facts.way_back = WayBackOf(fallbacks_);
  journal_.Say({"rollback",
                StageOutcome::kFail,
                "no fallback proved itself on the board",
                WhatHandsCanDo(facts),
                {}});
  const std::string next = facts.way_back != WayBack::kNone
                               ? CommandBack(facts)
                               : "lastgood provision with a manifest that has a [[fallback]]";
  Record::RunEnd end;
  end.state = StateName(RunState::kNeedsHands);
  if (last_health_) end.state_detail = HealthName(*last_health_);
  return End(std::move(end),
             Outcome(ExitCode::kNeedsHands,
                     fmt::format("{}{}; no fallback proved itself, the board needs hands",
                                 why.message, Comeback()),
                     fmt::format("{}{}check power and wiring, then: {}; the whole story: {}",
                                 why.hint, why.hint.empty() ? "" : "; ", next,
                                 Typed(fmt::format("show {}", journal_.run())))));
}

bool Walk::NobodyCame(const Error& error) const {
  return error.code == ExitCode::kRefused && session_ && session_->MovedBy() == LinesMover::kNobody;
}

bool Walk::IsToBeResumed(const Error& error) const {
  return error.code == ExitCode::kInterrupted || NobodyCame(error);
}

// The run stays unfinished in the record on purpose.
RunOutcome Walk::LeaveForResume(const Error& why) {
  session_.reset();
  journal_.StoreEvidence();
  if (why.code == ExitCode::kInterrupted)
    return Outcome(ExitCode::kInterrupted,
                   why.message + " during the rollback; the board is unproven",
                   "finish it with: " + Typed("resume"));
  return Outcome(why.code, why.message + "; the board is unproven",
                 "finish it at the board, in a terminal, with: " + Typed("resume"));
}

}  // namespace lastgood
