// SPDX-License-Identifier: MIT
#include "setup/setup_runner.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <set>
#include <utility>

namespace lastgood {
namespace {

using Steps = std::vector<PlannedStep>;

// "'apt: picocom': …": whose failure it is.
Error Of(const Step& step, Error error) {
  error.message = fmt::format("'{}': {}", step.Describe(), error.message);
  return error;
}

class SetupWalk {
 public:
  SetupWalk(SetupHost& host, const ContentStore& contents, SetupLog& log)
      : host_(host), contents_(contents), log_(log) {}

  // A failure of the log alone comes without the step's name.
  Result<void> Walk(std::size_t index, Step& step) {
    Result<std::vector<Change>> pending = step.Pending();
    if (!pending) return Fail(Of(step, std::move(pending).error()));
    if (pending->empty()) {
      ++summary_.done_already;
      return {};
    }
    if (NeedsReboot(*pending)) return FailReboot(step);
    TRY_DO(log_.BeforeStep(index, step));
    // A step that fails in the middle has changed the host as well.
    host_.changed_since_boot.insert(step.Describe());
    TRY_DO(MakeAll(step, *std::move(pending)));
    return CheckAgain(step);
  }

  // A run that was cut may have made changes of which no program took notice yet.
  Result<void> GiveNoticeAgain() {
    TRY(const std::vector<LoggedChange> made, log_.Made());
    std::vector<Argv> commands;
    for (auto logged = made.rbegin(); logged != made.rend(); ++logged)
      for (const Argv& argv : logged->change.reload)
        if (std::find(commands.begin(), commands.end(), argv) == commands.end())
          commands.push_back(argv);
    GiveNotice(commands, host_, summary_.notes);
    return {};
  }

  SetupSummary TakeSummary() { return std::move(summary_); }

 private:
  static bool NeedsReboot(const std::vector<Change>& changes) {
    return std::any_of(changes.begin(), changes.end(), [](const Change& change) {
      return std::holds_alternative<RebootChange>(change.what);
    });
  }

  static tl::unexpected<Error> FailReboot(const Step& step) {
    return Fail(
        ExitCode::kRebootNeeded,
        fmt::format("the host has to be started anew before '{}' can go on", step.Describe()),
        "sudo reboot; then: lastgood resume");
  }

  Result<void> MakeAll(Step& step, std::vector<Change> changes) {
    for (auto change = changes.begin(); change != changes.end();) {
      TRY_DO(Make(step, *change));
      if (!step.LooksAgainAfter(*change++)) continue;
      Result<std::vector<Change>> pending = step.Pending();
      if (!pending) return Fail(Of(step, std::move(pending).error()));
      changes = *std::move(pending);
      change = changes.begin();
    }
    return {};
  }

  Result<void> Make(const Step& step, const Change& change) {
    auto recorded = Recorded(change, host_, contents_);
    if (!recorded) return Fail(Of(step, std::move(recorded).error()));
    TRY(const std::int64_t id, log_.BeforeChange(step, *recorded));
    auto made = Apply(change, host_, summary_.notes);
    // Programs that failed have ended, too: what they left behind can be taken back exactly.
    auto noted = NoteWritten(*recorded, host_, contents_);
    Result<void> told;
    if (noted && *noted) told = log_.AfterChange(id, *recorded);
    if (!made) return Fail(Of(step, std::move(made).error()));
    if (!noted) return Fail(Of(step, std::move(noted).error()));
    return told;
  }

  Result<void> CheckAgain(Step& step) {
    Result<std::vector<Change>> pending = step.Pending();
    if (!pending) return Fail(Of(step, std::move(pending).error()));
    if (!pending->empty())
      return Fail(ExitCode::kSetupFailed,
                  fmt::format("'{}' was applied, but its check still says no", step.Describe()),
                  "its check and its apply do not fit together, or something else undid it");
    ++summary_.changed;
    summary_.names.push_back(step.Describe());
    return {};
  }

  SetupHost& host_;
  const ContentStore& contents_;
  SetupLog& log_;
  SetupSummary summary_;
};

Result<void> RefuseForbidden(const std::vector<std::string>& steps) {
  if (steps.empty()) return {};
  return Fail(ExitCode::kSetupFailed,
              fmt::format("{} root: {}; nothing was changed",
                          steps.size() == 1 ? "one step needs" : "these steps need",
                          fmt::join(steps, ", ")),
              "run the same command with sudo");
}

// What went wrong first counts; the others are told with it.
class Failures {
 public:
  void Add(std::size_t index, Error error) {
    failed_.insert(index);
    if (!first_)
      first_ = std::move(error);
    else
      first_->message += "; " + error.message;
  }
  bool Blocks(const PlannedStep& step) const {
    return std::any_of(step.needs.begin(), step.needs.end(),
                       [this](std::size_t need) { return failed_.contains(need); });
  }
  void Skip(std::size_t index) { failed_.insert(index); }
  const std::optional<Error>& first() const { return first_; }

 private:
  std::set<std::size_t> failed_;  // or left out because of one that failed
  std::optional<Error> first_;
};

// These end the walk even where it keeps going.
bool IsFinal(const Error& error) {
  return error.code == ExitCode::kRebootNeeded || error.code == ExitCode::kInterrupted ||
         error.code == ExitCode::kInternal;
}

// To a person who asked to stop, a step that failed meanwhile is not the reason.
Error SeenBy(const Interrupt& interrupt, Error failure) {
  if (!interrupt.Requested() || IsFinal(failure)) return failure;
  return {ExitCode::kInterrupted, "interrupted; " + failure.message, {}};
}

}  // namespace

std::vector<std::string> UndoSummary::Reasons() const {
  std::vector<std::string> reasons = failures;
  for (const Conflict& conflict : conflicts) reasons.push_back(conflict.text);
  return reasons;
}

Result<void> CheckPrivilege(Steps& steps, const SetupHost& host) {
  if (geteuid() == 0) return {};  // asking every step takes seconds where apt is slow
  std::vector<std::string> forbidden;
  for (const PlannedStep& planned : steps) {
    const auto pending = planned.step->Pending();
    if (!pending) continue;
    for (const Change& change : *pending) {
      const Result<bool> permitted = IsPermitted(change, host);
      if (!permitted || *permitted) continue;
      forbidden.push_back(fmt::format("'{}'", planned.step->Describe()));
      break;
    }
  }
  return RefuseForbidden(forbidden);
}

Result<void> CheckUndoPrivilege(const std::vector<LoggedChange>& changes, const SetupHost& host) {
  std::vector<std::string> forbidden;
  for (const LoggedChange& logged : changes) {
    const Result<bool> permitted = IsPermitted(logged.change, host);
    if (permitted && !*permitted) forbidden.push_back(fmt::format("'{}'", logged.step));
  }
  forbidden.erase(std::unique(forbidden.begin(), forbidden.end()), forbidden.end());
  return RefuseForbidden(forbidden);
}

Result<SetupSummary> RunSteps(Steps& steps, SetupHost& host, const ContentStore& contents,
                              SetupLog& log, const Interrupt& interrupt, SetupOptions options) {
  SetupWalk walk(host, contents, log);
  Failures failures;
  TRY_DO(walk.GiveNoticeAgain());
  for (std::size_t index = 0; index < steps.size(); ++index) {
    if (failures.Blocks(steps[index])) {
      failures.Skip(index);
      continue;
    }
    Result<void> walked = interrupt.Check();
    if (walked) walked = walk.Walk(index, *steps[index].step);
    if (walked) continue;
    Error failure = SeenBy(interrupt, std::move(walked).error());
    if (failure.code == ExitCode::kRebootNeeded) {
      if (failures.first()) failure.message += "; before: " + failures.first()->message;
      return Fail(std::move(failure));
    }
    if (!options.keep_going || IsFinal(failure))
      return Fail(UndoneAfter(std::move(failure), host, contents, log));
    failures.Add(index, std::move(failure));
  }
  if (!failures.first()) return walk.TakeSummary();
  Error failure = *failures.first();
  failure.message += "; what the other steps changed stays, as --keep-going asks";
  return Fail(std::move(failure));
}

Error UndoneAfter(Error failure, const SetupHost& host, const ContentStore& contents,
                  SetupLog& log) {
  const auto made = log.Made();
  if (made && made->empty()) {
    failure.message += "; nothing was changed";
    return failure;
  }
  const auto undone =
      made ? UndoChanges(*made, host, contents, log) : Result<UndoSummary>(Fail(made.error()));
  if (!undone) {
    failure.message += "; not undone: " + undone.error().message;
  } else if (undone->complete()) {
    failure.message += "; undone";
  } else {
    failure.message += fmt::format("; not undone: {}", fmt::join(undone->Reasons(), ", "));
  }
  return failure;
}

Result<UndoSummary> UndoChanges(const std::vector<LoggedChange>& changes, const SetupHost& host,
                                const ContentStore& contents, SetupLog& log) {
  UndoSummary summary;
  for (const LoggedChange& logged : changes) {
    Result<UndoResult> undone = Undo(logged.change, host, contents);
    if (!undone) {
      summary.failures.push_back(fmt::format("'{}': {}", logged.step, undone.error().message));
      continue;
    }
    std::move(undone->notes.begin(), undone->notes.end(), std::back_inserter(summary.notes));
    if (!undone->conflicts.empty()) {
      std::move(undone->conflicts.begin(), undone->conflicts.end(),
                std::back_inserter(summary.conflicts));
      continue;
    }
    // It stays in the record, and is found to be as before the next time.
    if (const auto told = log.Undone(logged.id); !told)
      summary.failures.push_back(fmt::format("'{}': it is taken back, and that is not recorded: {}",
                                             logged.step, told.error().message));
    if (summary.undone.empty() || summary.undone.back() != logged.step)
      summary.undone.push_back(logged.step);
  }
  return summary;
}

}  // namespace lastgood
