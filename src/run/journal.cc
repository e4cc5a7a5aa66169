// SPDX-License-Identifier: MIT
#include "run/journal.h"

#include <fmt/format.h>

#include <utility>

#include "evidence/evidence_json.h"
#include "setup/setup_host.h"

namespace lastgood {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

BeginEvidence BeginOf(const Seams& seams, bool resumed) {
  BeginEvidence begin;
  begin.lastgood = seams.version;
  begin.resumed = resumed;
  if (seams.host != nullptr) {
    begin.host = seams.host->facts.model.text;
    begin.release = seams.host->facts.release.title;
    begin.architecture = seams.host->facts.architecture;
  }
  return begin;
}

}  // namespace

Journal::Journal(Seams& seams, RunId run, int entered)
    : seams_(&seams),
      run_(run),
      entered_(entered),
      began_(seams.clock.Now()),
      stage_started_(began_) {
  Keep(BeginOf(seams, entered > 1));
}

Result<void> Journal::Enter(RunState state, const std::string& detail) {
  if (CountsAsTransition(state) && ++entered_ > kTransitionsMax) {
    return Fail(ExitCode::kNeedsHands,
                fmt::format("run {} went through more than {} states", run_, kTransitionsMax));
  }
  const std::string name(StateName(state));
  CollectWires();
  Keep(StateEvidence{name, detail});
  TRY_DO(seams_->record.EnterState(run_, name, detail, pending_));
  pending_.clear();
  state_ = state;
  seams_->reporter.State({run_, name, detail});
  return {};
}

void Journal::StartStage() { stage_started_ = seams_->clock.Now(); }

void Journal::Say(StageEvent event) {
  const TimePoint now = seams_->clock.Now();
  event.elapsed = duration_cast<milliseconds>(now - stage_started_);
  Keep(StageEvidence{event.stage, event.outcome, event.text, event.details,
                     OffsetOf(stage_started_)});
  stage_started_ = now;
  seams_->reporter.Stage(event);
}

void Journal::Keep(EvidenceContent content) {
  const EvidenceItem item{seams_->clock.WallNow(), OffsetOf(seams_->clock.Now()),
                          std::move(content)};
  pending_.push_back({std::string(KindName(item.content)), item.at, EncodeEvidence(item)});
}

std::vector<EvidenceRow> Journal::TakeEvidence() {
  CollectWires();
  return std::exchange(pending_, {});
}

void Journal::StoreEvidence() {
  const Result<void> stored = seams_->record.AddEvidence(run_, TakeEvidence());
  if (!stored) return;  // what is told of a run never decides about it
}

void Journal::CollectWires() {
  WireEvidence wire = wires_.Take();
  if (!wire.events.empty()) Keep(std::move(wire));
}

milliseconds Journal::OffsetOf(TimePoint time) const {
  return duration_cast<milliseconds>(time - began_);
}

}  // namespace lastgood
