// SPDX-License-Identifier: MIT
#include "run/journal.h"

#include <fmt/format.h>

#include <utility>

namespace lastgood {
namespace {

std::string_view OutcomeWord(StageOutcome outcome) {
  switch (outcome) {
    case StageOutcome::kOk:
      return "ok";
    case StageOutcome::kFail:
      return "FAIL";
    case StageOutcome::kSkip:
      return "skip";
    case StageOutcome::kNote:
      return "note";
  }
  return "";
}

}  // namespace

Result<void> Journal::Enter(RunState state, const std::string& detail) {
  if (CountsAsTransition(state) && ++entered_ > kTransitionsMax) {
    return Fail(ExitCode::kNeedsHands,
                fmt::format("run {} went through more than {} states", run_, kTransitionsMax));
  }
  const std::string name(StateName(state));
  TRY_DO(seams_->record.EnterState(run_, name, detail));
  state_ = state;
  seams_->reporter.State({run_, name, detail});
  return {};
}

void Journal::StartStage() { stage_started_ = seams_->clock.Now(); }

void Journal::Say(StageEvent event) {
  event.elapsed =
      std::chrono::duration_cast<std::chrono::milliseconds>(seams_->clock.Now() - stage_started_);
  stage_started_ = seams_->clock.Now();
  evidence_ +=
      fmt::format("{:<4}  {:<9} {}\n", OutcomeWord(event.outcome), event.stage, event.text);
  for (const std::string& detail : event.details)
    evidence_ += fmt::format("{:>15} {}\n", "", detail);
  seams_->reporter.Stage(event);
}

void Journal::Keep(const std::string& title, const std::string& text) {
  evidence_ += fmt::format("\n--- {} ---\n{}\n", title, text);
}

std::string Printable(ByteSpan octets) {
  std::string text;
  for (const std::uint8_t octet : octets) {
    if (octet == '\r') continue;
    if (octet == '\n' || (octet >= 0x20 && octet < 0x7F)) {
      text += static_cast<char>(octet);
    } else {
      text += fmt::format("\\x{:02x}", octet);
    }
  }
  return text;
}

}  // namespace lastgood
