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

// "ttyUSB0" of "/dev/ttyUSB0"; other names as they are.
std::string ShortName(const std::string& device) {
  constexpr std::string_view kDev = "/dev/";
  return ToPrintable(device.starts_with(kDev) ? device.substr(kDev.size()) : device);
}

std::string Named(const std::string& device, const std::string& text) {
  return device.empty() ? text : fmt::format("{}: {}", ShortName(device), text);
}

std::string Padding(std::size_t present, std::size_t wanted) {
  return std::string(wanted > present ? wanted - present : 0, ' ');
}

}  // namespace

TerminalReporter::~TerminalReporter() { ClearDrawn(); }

void TerminalReporter::Stage(const StageEvent& event) {
  ClearDrawn();
  followed_.erase(event.device);
  const auto [word, colour] = LookOf(event.outcome);
  const std::string elapsed =
      event.elapsed >= kElapsedMin ? kGap + FormatSeconds(event.elapsed) : std::string();
  auto lines = WrapText(Named(event.device, ToPrintable(event.text)),
                        WrapWidth(kTextColumn + elapsed.size()));
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
  Followed& followed = followed_[event.device];
  Follow(event, now, followed);
  if (options_.is_terminal) {
    Draw(event, now, followed);
  } else {
    Announce(event, now, followed);
  }
}

void TerminalReporter::State(const StateEvent& event) {
  if (!options_.verbose) return;
  ClearDrawn();
  const std::string gap = event.detail.empty() ? "" : ", ";
  sink_.Write(fmt::format("        {}{}{}{}\n", StageColumn("state"),
                          Named(event.device, ToPrintable(event.state)), gap,
                          ToPrintable(event.detail)));
}

void TerminalReporter::Outcome(const OutcomeEvent& event) {
  ClearDrawn();
  followed_.erase(event.device);
  if (event.exit_code == 0 && !event.text.empty())
    sink_.Write(Named(event.device, ToPrintable(event.text)) + '\n');
}

// Another stage, or the same from an earlier byte (a second attempt), is followed from its
// beginning.
void TerminalReporter::Follow(const ProgressEvent& event, TimePoint now, Followed& followed) {
  if (event.stage != followed.stage || event.bytes_done < followed.bytes_done) {
    followed = {};
    followed.stage = event.stage;
    followed.began = now;
    followed.last_shown = now - kRedraw;
  }
  followed.bytes_done = event.bytes_done;
  followed.percent = Percent(event);
  followed.meter.Add(event.bytes_done, now);
}

void TerminalReporter::Draw(const ProgressEvent& event, TimePoint now, Followed& followed) {
  TimePoint& shown = event.device.empty() ? followed.last_shown : last_drawn_;
  if (now - shown < kRedraw) return;
  shown = now;
  // A character in the last column would make some terminals begin a new line.
  if (options_.width < kTextColumn + 2) return;
  std::string line = fmt::format("        {}", StageColumn(event.stage));
  const std::size_t room = options_.width - 1 - kTextColumn;
  line += event.device.empty() ? ProgressBar(event, followed.meter, room) : AllBoards();
  while (DisplayWidth(line) >= options_.width && line.find(kGap) != std::string::npos &&
         !event.device.empty())
    line.erase(line.rfind(kGap));
  const std::size_t width = DisplayWidth(line);
  if (width >= options_.width) return;
  sink_.Write(fmt::format("\r{}{}", line, Padding(width, drawn_width_)));
  drawn_width_ = std::max(width, drawn_width_);
}

// "ttyUSB0 45 %  ttyUSB1 47 %"
std::string TerminalReporter::AllBoards() const {
  std::vector<std::string> boards;
  for (const auto& [device, followed] : followed_) {
    if (device.empty() || followed.percent < 0) continue;
    boards.push_back(fmt::format("{} {} %", ShortName(device), followed.percent));
  }
  return fmt::format("{}", fmt::join(boards, kGap));
}

void TerminalReporter::Announce(const ProgressEvent& event, TimePoint now, Followed& followed) {
  if (followed.percent >= 0) {
    const int quarters = std::min(followed.percent / 25, 3);
    if (quarters <= followed.quarters_said) return;
    followed.quarters_said = quarters;
    const double all = static_cast<double>(event.bytes_total);
    if ((now - followed.began) * (all / static_cast<double>(event.bytes_done)) < kWorthAnnouncing)
      return;
  } else {
    if (now - std::max(followed.began, followed.last_shown) < kAnnounceUnknown) return;
    followed.last_shown = now;
  }
  sink_.Write(
      fmt::format("        {}{}\n", StageColumn(event.stage),
                  Named(event.device,
                        fmt::format("{}", fmt::join(ProgressFacts(event, followed.meter), ", ")))));
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
