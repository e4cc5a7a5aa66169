// SPDX-License-Identifier: MIT
#include "support/recording_reporter.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace lastgood::test {
namespace {

std::string_view Word(StageOutcome outcome) {
  constexpr std::string_view kWords[] = {"ok", "FAIL", "skip", "note"};
  return kWords[static_cast<std::size_t>(outcome)];
}

}  // namespace

void RecordingReporter::Stage(const StageEvent& event) {
  stages_.push_back(event);
  lines_.push_back(fmt::format("stage {} {}: {}", event.stage, Word(event.outcome), event.text));
  for (const std::string& detail : event.details) lines_.push_back("  " + detail);
}

void RecordingReporter::Progress(const ProgressEvent& event) { progress_.push_back(event); }

void RecordingReporter::State(const StateEvent& event) {
  states_.push_back(event);
  const std::string detail = event.detail.empty() ? "" : ": " + event.detail;
  lines_.push_back(fmt::format("state {} {}{}", event.run, event.state, detail));
}

void RecordingReporter::Outcome(const OutcomeEvent& event) {
  outcomes_.push_back(event);
  lines_.push_back(fmt::format("outcome {} exit {}: {}", event.run, event.exit_code, event.text));
}

const StageEvent* RecordingReporter::LastStage(std::string_view stage) const {
  const auto found = std::find_if(stages_.rbegin(), stages_.rend(),
                                  [&](const StageEvent& event) { return event.stage == stage; });
  return found == stages_.rend() ? nullptr : &*found;
}

std::string RecordingReporter::StateNames() const {
  std::string names;
  for (const StateEvent& event : states_) names += (names.empty() ? "" : " ") + event.state;
  return names;
}

std::string RecordingReporter::Text() const { return fmt::format("{}", fmt::join(lines_, "\n")); }

}  // namespace lastgood::test
