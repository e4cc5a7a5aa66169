// SPDX-License-Identifier: MIT
#include "report/terminal_reporter.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "base/units.h"
#include "report/display_text.h"
#include "report/progress_text.h"

namespace lastgood {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kTextColumn = 19;
constexpr std::size_t kElapsedEdge = 96;  // where elapsed times end on wide terminals and in logs
constexpr std::size_t kWrapMin = 20;      // narrower columns are harder to read than broken lines
constexpr milliseconds kElapsedMin{50};
constexpr milliseconds kRedraw{100};
constexpr std::chrono::seconds kWorthAnnouncing{5};
constexpr std::chrono::seconds kAnnounceUnknown{10};

constexpr std::string_view kDim = "2";
constexpr const char* kGap = "  ";

struct OutcomeLook {
  std::string_view word;
  std::string_view colour;
};

OutcomeLook LookOf(StageOutcome outcome) {
  switch (outcome) {
    case StageOutcome::kOk:
      return {"ok", "32"};
    case StageOutcome::kFail:
      return {"FAIL", "1;31"};
    case StageOutcome::kSkip:
      return {"skip", "33"};
    case StageOutcome::kNote:
      return {"note", "36"};
  }
  return {"?", ""};
}

std::string StageColumn(std::string_view stage) {
  return fmt::format("{:<9}  ", ToPrintable(stage));
}

std::string Padding(std::size_t present, std::size_t wanted) {
  return std::string(wanted > present ? wanted - present : 0, ' ');
}

}  // namespace

TerminalReporter::~TerminalReporter() { ClearDrawn(); }

void TerminalReporter::Stage(const StageEvent& event) {
  ClearDrawn();
  stage_.clear();
  const auto [word, colour] = LookOf(event.outcome);
  const std::string elapsed =
      event.elapsed >= kElapsedMin ? kGap + FormatSeconds(event.elapsed) : std::string();
  auto lines = WrapText(ToPrintable(event.text), WrapWidth(kTextColumn + elapsed.size()));
  for (const std::string& detail : event.details) {
    for (std::string& line : WrapText(ToPrintable(detail), WrapWidth(kTextColumn)))
      lines.push_back(std::move(line));
  }
  const std::size_t taken = kTextColumn + DisplayWidth(lines.front());
  std::string out =
      fmt::format("  {}{}  {}{}{}\n", Coloured(word, colour), Padding(word.size(), 4),
                  StageColumn(event.stage), lines.front(), ElapsedColumn(elapsed, taken));
  for (std::size_t i = 1; i < lines.size(); ++i)
    out += std::string(kTextColumn, ' ') + lines[i] + '\n';
  sink_.Write(out);
}

void TerminalReporter::Progress(const ProgressEvent& event) {
  const TimePoint now = clock_.Now();
  Follow(event, now);
  if (options_.is_terminal) {
    Draw(event, now);
  } else {
    Announce(event, now);
  }
}

void TerminalReporter::State(const StateEvent& event) {
  if (!options_.verbose) return;
  ClearDrawn();
  const std::string gap = event.detail.empty() ? "" : ", ";
  sink_.Write(fmt::format("        {}{}{}{}\n", StageColumn("state"), ToPrintable(event.state), gap,
                          ToPrintable(event.detail)));
}

void TerminalReporter::Outcome(const OutcomeEvent& event) {
  ClearDrawn();
  stage_.clear();
  if (event.exit_code == 0 && !event.text.empty()) sink_.Write(ToPrintable(event.text) + '\n');
}

// Another stage, or the same from an earlier byte (a second attempt), is followed from its
// beginning.
void TerminalReporter::Follow(const ProgressEvent& event, TimePoint now) {
  if (event.stage != stage_ || event.bytes_done < bytes_done_) {
    stage_ = event.stage;
    meter_.Reset();
    began_ = now;
    last_shown_ = now - kRedraw;
    quarters_said_ = 0;
  }
  bytes_done_ = event.bytes_done;
  meter_.Add(event.bytes_done, now);
}

void TerminalReporter::Draw(const ProgressEvent& event, TimePoint now) {
  if (now - last_shown_ < kRedraw) return;
  last_shown_ = now;
  // A character in the last column would make some terminals begin a new line.
  if (options_.width < kTextColumn + 2) return;
  std::string line = fmt::format("        {}", StageColumn(event.stage));
  line += ProgressBar(event, meter_, options_.width - 1 - kTextColumn);
  const std::size_t width = DisplayWidth(line);
  if (width >= options_.width) return;
  sink_.Write(fmt::format("\r{}{}", line, Padding(width, drawn_width_)));
  drawn_width_ = std::max(width, drawn_width_);
}

void TerminalReporter::Announce(const ProgressEvent& event, TimePoint now) {
  if (const int percent = Percent(event); percent >= 0) {
    const int quarters = std::min(percent / 25, 3);
    if (quarters <= quarters_said_) return;
    quarters_said_ = quarters;
    const double all = static_cast<double>(event.bytes_total);
    if ((now - began_) * (all / static_cast<double>(event.bytes_done)) < kWorthAnnouncing) return;
  } else {
    if (now - std::max(began_, last_shown_) < kAnnounceUnknown) return;
    last_shown_ = now;
  }
  sink_.Write(fmt::format("        {}{}\n", StageColumn(event.stage),
                          fmt::join(ProgressFacts(event, meter_), ", ")));
}

void TerminalReporter::ClearDrawn() {
  if (drawn_width_ == 0) return;
  sink_.Write(fmt::format("\r{}\r", std::string(drawn_width_, ' ')));
  drawn_width_ = 0;
}

// Ends where all elapsed times end, or behind a text that is longer.
std::string TerminalReporter::ElapsedColumn(const std::string& elapsed, std::size_t taken) const {
  if (elapsed.empty()) return {};
  const std::size_t edge =
      options_.is_terminal ? std::min(options_.width, kElapsedEdge) : kElapsedEdge;
  return Padding(taken + elapsed.size(), edge) + Coloured(elapsed, kDim);
}

std::size_t TerminalReporter::WrapWidth(std::size_t taken) const {
  if (!options_.is_terminal || options_.width < taken + kWrapMin) return 0;
  return options_.width - taken;
}

std::string TerminalReporter::Coloured(std::string_view text, std::string_view code) const {
  if (!options_.colour || code.empty()) return std::string(text);
  return fmt::format("\x1b[{}m{}\x1b[0m", code, text);
}

}  // namespace lastgood
