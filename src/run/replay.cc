// SPDX-License-Identifier: MIT
#include "run/replay.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <span>
#include <utility>

#include "capture/replay_wires.h"
#include "health/health_check.h"
#include "health/log_verdict.h"
#include "health/transcript.h"
#include "host/clock.h"
#include "host/interrupt.h"
#include "run/recorded_check.h"

namespace lastgood {
namespace {

using Events = std::span<const WireEvent>;

double Seconds(std::chrono::microseconds at) { return std::chrono::duration<double>(at).count(); }

// The part of a capture in which one start of the firmware is seen.
struct Part {
  std::size_t begin = 0;
  std::size_t end = 0;
  bool check = false;
  bool ended = false;  // with the check's verdict
};

// A part ends where the board is taken to its loader, where another begins, and with a verdict.
class PartFinder {
 public:
  explicit PartFinder(Events events) : events_(events) {}

  std::vector<Part> Find() {
    for (std::size_t i = 0; i < events_.size(); ++i) Take(i);
    End(events_.size());
    // A reset at the end of other work, after which nobody listened, is no evidence.
    std::vector<Part> kept;
    std::copy_if(parts_.begin(), parts_.end(), std::back_inserter(kept),
                 [this](const Part& part) { return part.check || SaysSomething(part); });
    if (!kept.empty()) return kept;
    if (!parts_.empty()) return {parts_.back()};
    return {{0, events_.size()}};
  }

 private:
  void Take(std::size_t i) {
    const WireEvent& event = events_[i];
    const bool in_check = open_ && open_->check;
    if (event.kind == WireEventKind::kCheck) {
      Begin(i, true);
    } else if (event.kind == WireEventKind::kVerdict && in_check) {
      open_->ended = true;
      End(i + 1);
    } else if (event.kind == WireEventKind::kOpened) {
      End(i);
    } else if (event.kind == WireEventKind::kReset && event.to_download) {
      End(i);
    } else if (event.kind == WireEventKind::kReset && !in_check) {
      Begin(i, false);
    }
  }
  void Begin(std::size_t i, bool check) {
    End(i);
    open_ = Part{i, i, check};
  }
  void End(std::size_t i) {
    if (!open_) return;
    open_->end = i;
    parts_.push_back(*std::exchange(open_, std::nullopt));
  }
  bool SaysSomething(const Part& part) const {
    const Events events = events_.subspan(part.begin, part.end - part.begin);
    return std::any_of(events.begin(), events.end(),
                       [](const WireEvent& event) { return event.kind == WireEventKind::kHeard; });
  }

  Events events_;
  std::vector<Part> parts_;
  std::optional<Part> open_;
};

bool IsRunReset(const WireEvent& event) {
  return event.kind == WireEventKind::kReset && !event.to_download;
}

// What was heard from the first reset into the firmware to the next; without one, all of it.
HealthVerdict JudgeEvents(Events events) {
  const auto reset = std::find_if(events.begin(), events.end(), IsRunReset);
  const auto begin = reset == events.end() ? events.begin() : reset;
  const auto next =
      begin == events.end() ? begin : std::find_if(begin + 1, events.end(), IsRunReset);
  Transcript heard;
  for (auto event = begin; event != next; ++event)
    if (event->kind == WireEventKind::kHeard) heard.Add(event->octets);
  const auto watched = begin == next ? std::chrono::microseconds(0) : (next - 1)->at - begin->at;
  return JudgeLog(heard.Text(), std::chrono::round<std::chrono::milliseconds>(watched));
}

// Does the check again; the reason when that does not go.
Result<std::optional<std::string>> CheckAgain(Events events, const std::string& name,
                                              HealthVerdict& verdict) {
  const WireEvent& begin = events.front();
  TRY(const RecordedCheck check,
      ParseRecordedCheck(begin.text,
                         fmt::format("{}, check at {:.3f} s", name, Seconds(begin.at))));
  VirtualClock clock;
  ReplayScript script(events, clock);
  ReplaySerialPort serial_port(script);
  ReplayLines lines(script, check.moved_by);
  const Interrupt interrupt;
  Result<HealthVerdict> again =
      CheckHealth(serial_port, lines, clock, check.health, check.seed, interrupt, check.chip);
  // What stands in its way must not pass for the board's own fault.
  if (script.divergence()) return "the check takes another way now: " + *script.divergence();
  if (!again) return std::optional(again.error().message);
  verdict = *std::move(again);
  return std::optional<std::string>();
}

Result<ReplayedStart> ReplayPart(Events events, const Part& part, const std::string& name) {
  ReplayedStart start;
  if (!events.empty()) start.at = events.front().at;
  if (part.ended) start.recorded = events.back().text;
  std::optional<std::string> trouble;
  if (part.check && part.ended) {
    TRY(trouble, CheckAgain(events, name, start.verdict));
    start.checked_again = !trouble;
  } else if (part.check) {
    trouble = "the recording ends within the check";
  }
  if (!start.checked_again) start.verdict = JudgeEvents(events);
  start.trouble = trouble.value_or("");
  return start;
}

ReplayedStart ReplayLog(ByteSpan log) {
  Transcript heard;
  heard.Add(log);
  ReplayedStart start;
  start.verdict = JudgeLog(heard.Text(), std::chrono::milliseconds(0));
  return start;
}

}  // namespace

Result<std::vector<ReplayedStart>> ReplayCapture(const Capture& capture, const std::string& name) {
  const Events events(capture.events);
  std::vector<ReplayedStart> starts;
  for (const Part& part : PartFinder(events).Find()) {
    TRY(ReplayedStart start,
        ReplayPart(events.subspan(part.begin, part.end - part.begin), part, name));
    starts.push_back(std::move(start));
  }
  return starts;
}

Result<std::vector<ReplayedStart>> ReplayRecording(ByteSpan content, const std::string& name) {
  if (!IsCapture(content)) return std::vector{ReplayLog(content)};
  TRY(const Capture capture, ParseCapture(AsText(content), name));
  return ReplayCapture(capture, name);
}

}  // namespace lastgood
