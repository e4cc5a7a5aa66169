// SPDX-License-Identifier: MIT
#include "health/log_verdict.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "health/firmware_version.h"
#include "health/firmware_words.h"
#include "health/pasted_line.h"
#include "health/readable_text.h"
#include "health/transcript.h"
#include "health/verdict.h"

namespace lastgood {
namespace {

constexpr std::size_t kNoiseMin = 8;  // characters; a changing rate leaves one or two behind
constexpr std::size_t kNoisePerLine = 16;
constexpr std::size_t kEvidenceMax = 8;

// The board's words apart from the noise in between.
struct Heard {
  std::string words;
  std::string noise;
};

Heard Separate(std::string_view text) {
  Heard heard;
  for (const std::string_view line : SplitLines(text)) {
    const bool noisy = Measure(line).IsNoise();
    (noisy ? heard.noise : heard.words) +=
        noisy ? std::string(line) : CleanLine(OwnWords(line)) + '\n';
  }
  return heard;
}

// Without what people write above a log: lines that begin with a sign and a blank, and what ends
// them. "#4 ets_task(…" is a board's own.
ByteSpan WithoutHead(ByteSpan heard) {
  std::size_t at = 0;
  for (const std::string_view line : SplitLines(AsText(heard))) {
    if (!line.empty() && line != "#" && !line.starts_with("# ") && line != "#---") break;
    at = static_cast<std::size_t>(line.data() + line.size() - AsText(heard).data());
  }
  return heard.subspan(at);
}

// A command that was echoed and its answer, or the answer to AT+GMR.
bool AnswersAt(std::string_view readable) {
  bool asked = false;
  for (const std::string_view line : SplitLines(readable)) {
    const std::string clean = CleanLine(line);
    if (clean.starts_with("AT version:")) return true;
    if (clean == "AT" || clean.starts_with("AT+"))
      asked = true;
    else if (asked && clean == "OK")
      return true;
  }
  return false;
}

// The flash of an early ESP32 is not ready at power-on: its ROM loads nothing, and the watchdog has
// it try again.
bool WokeSlowly(const BootAttempt& first, const BootAttempt& second) {
  return first.reset_kind == ResetKind::kPowerOn && first.boot_word >= 0 &&
         first.segments.empty() && first.last_words.empty() && second.handed_over();
}

class Judge {
 public:
  Judge(BootLog log, std::string_view text, std::chrono::milliseconds watched)
      : log_(std::move(log)), text_(text), watched_(watched) {
    starts_.push_back(&log_.before);
    for (const BootAttempt& attempt : log_.attempts) starts_.push_back(&attempt);
  }

  HealthVerdict Decide();

 private:
  const BootAttempt& Last() const { return *starts_.back(); }
  void CountEnds();
  void CountResets();
  void EndWithWhatIsPending();
  bool IsLoop() const;
  bool IsFamily() const;
  bool IsResetByItsLoader() const;
  bool IsLoopOfItsFault() const;
  bool IsCrash() const;
  HealthVerdict Loop();
  HealthVerdict Crash();
  HealthVerdict Healthy(const std::string& words) const;
  HealthVerdict WithoutConsole(const Heard& heard);
  std::vector<std::string> Notes() const;

  BootLog log_;
  std::string_view text_;
  std::chrono::milliseconds watched_;
  std::vector<const BootAttempt*> starts_;  // the first: what was heard before any reset line
  int crashes_ = 0;
  int restarts_ = 0;
  int refusals_ = 0;
  int watchdogs_ = 0;
  int silent_resets_ = 0;  // starts that nothing explains, the first one too
  int own_resets_ = 0;     // behind a prompt, by the reset pin: a person's, most likely
  int wake_ups_ = 0;
};

// A log that ends where it might have gone well ended there.
void Judge::EndWithWhatIsPending() {
  BootAttempt& last = log_.attempts.empty() ? log_.before : log_.attempts.back();
  if (last.fault != BootFault::kNone || last.up || last.talk > 0) return;
  last.fault = last.pending;
  if (last.fault == BootFault::kNone || log_.fault == BootFault::kBrownout) return;
  log_.fault = last.fault;
  log_.fault_line = last.fault_line;
}

void Judge::CountEnds() {
  for (std::size_t i = 0; i < starts_.size(); ++i) {
    const BootAttempt& start = *starts_[i];
    const bool by_watchdog = start.reset_kind == ResetKind::kWatchdog;
    if (by_watchdog && !(i > 0 && WokeSlowly(*starts_[i - 1], start))) ++watchdogs_;
    switch (KindOf(start.fault)) {
      case FaultKind::kCrashed:
        crashes_ += std::max(start.crashes, 1);
        break;
      case FaultKind::kRestarts:
        ++restarts_;
        break;
      case FaultKind::kRefused:
        ++refusals_;
        break;
      case FaultKind::kWatchdog: {
        const bool told_by_next =
            i + 1 < starts_.size() && starts_[i + 1]->reset_kind == ResetKind::kWatchdog;
        if (!by_watchdog && !told_by_next) ++watchdogs_;
        break;
      }
      case FaultKind::kNone:
      case FaultKind::kUnexplained:
        break;
    }
  }
}

void Judge::CountResets() {
  for (std::size_t i = 1; i < starts_.size(); ++i) {
    const BootAttempt& before = *starts_[i - 1];
    const ResetKind kind = starts_[i]->reset_kind;
    const bool worked = before.up || before.talk > 0;
    const bool by_pin = kind == ResetKind::kExternal || kind == ResetKind::kPowerOn;
    if (kind == ResetKind::kDeepSleep)
      ++wake_ups_;
    else if (IsFamily() && kind == ResetKind::kPowerOn && worked)
      continue;  // no software of these chips can do that
    else if (before.prompted && before.up && by_pin)
      ++own_resets_;
    else if (before.fault == BootFault::kNone && kind != ResetKind::kWatchdog)
      ++silent_resets_;
  }
}

// Whose ROM and second stage reset the chip when they are at a loss; an ESP8266's stops, and only
// somebody's hand makes it say the same again.
bool Judge::IsFamily() const {
  return std::any_of(starts_.begin(), starts_.end(), [](const BootAttempt* start) {
    return start->boot_word >= 0 || start->entered || ContainsLoose(start->reset_line, "esp-rom:");
  });
}

bool Judge::IsResetByItsLoader() const {
  for (std::size_t i = 0; i < starts_.size(); ++i) {
    const BootAttempt& start = *starts_[i];
    if (KindOf(start.fault) != FaultKind::kRefused) continue;
    if (start.reset_kind == ResetKind::kWatchdog) return true;
    if (start.reset_kind == ResetKind::kSoftware && start.second_stage.seen) return true;
    if (i + 1 == starts_.size() || !IsFamily()) continue;
    // Its answer to a refusal, of which the log shows no more than the beginning.
    const BootAttempt& next = *starts_[i + 1];
    if (next.reset_kind == ResetKind::kSoftware && start.second_stage.seen) return true;
    if (next.cut_short()) return true;
  }
  return false;
}

bool Judge::IsLoopOfItsFault() const {
  const BootAttempt& last = Last();
  const bool goes_on = last.fault == BootFault::kNone && last.handed_over();
  switch (KindOf(log_.fault)) {
    case FaultKind::kRestarts:
      return log_.fault != BootFault::kSizeRepair || restarts_ > 1 || !goes_on;
    case FaultKind::kCrashed:
      return crashes_ > 1 || last.fault == BootFault::kNone || last.fault == BootFault::kWatchdog;
    case FaultKind::kRefused:
      if (last.rom_basic || (goes_on && last.talk > 0 && refusals_ == 1)) return false;
      return (refusals_ > 1 && IsFamily()) || IsResetByItsLoader();
    default:
      return false;
  }
}

bool Judge::IsLoop() const {
  constexpr int kLoop = static_cast<int>(kResetsOfALoop);
  if (watchdogs_ > 1 || silent_resets_ >= kLoop || silent_resets_ + own_resets_ > kLoop)
    return true;
  return Last().up ? crashes_ > 1 : IsLoopOfItsFault();
}

bool Judge::IsCrash() const {
  const BootAttempt& last = Last();
  if (crashes_ > 0) return true;
  if (last.up) return false;
  if (KindOf(last.fault) == FaultKind::kRefused) return true;
  if (last.talk > 0) return false;
  return watchdogs_ > 0 || log_.looping || last.fault != BootFault::kNone;
}

HealthVerdict Judge::Loop() {
  if (log_.fault == BootFault::kNone || log_.fault == BootFault::kUnknown)
    log_.fault = watchdogs_ > 1 ? BootFault::kWatchdog : BootFault::kUnknown;
  return VerdictOfLoop(log_, watched_);
}

HealthVerdict Judge::Crash() {
  if (log_.fault == BootFault::kNone)
    log_.fault = watchdogs_ > 0 ? BootFault::kWatchdog : BootFault::kUnknown;
  return VerdictOfCrash(log_);
}

std::vector<std::string> Judge::Notes() const {
  std::vector<std::string> notes;
  if (watchdogs_ > 0) notes.push_back("its watchdog had reset it before");
  if (wake_ups_ > 0) notes.push_back("it woke up from deep sleep");
  if (own_resets_ > 0) notes.push_back("it was reset while it worked");
  if (restarts_ + refusals_ > 0)
    notes.push_back(fmt::format("it had trouble before: {}", BootFaultName(log_.fault)));
  return notes;
}

HealthVerdict Judge::Healthy(const std::string& words) const {
  const bool at = log_.banner.empty() && !log_.prompt;
  HealthVerdict verdict = VerdictOfSelfReport(
      log_, at ? "AT firmware" : "REPL", at ? VersionOfAt(words) : VersionOfBanner(log_.banner));
  verdict.firmware = at ? "AT firmware" : "MicroPython";
  verdict.notes = Notes();
  return verdict;
}

HealthVerdict Judge::WithoutConsole(const Heard& heard) {
  const BootAttempt& last = Last();
  const bool noisy = log_.garbage || last.noise >= kNoiseMin;
  // A word or two in much noise are chance.
  const bool talks =
      last.talk > 0 && last.noise / kNoisePerLine < static_cast<std::size_t>(last.talk);
  std::vector<std::string> notes = Notes();
  // Somebody's log of the ROM's rate ends here: what the application says is not in it.
  const bool ends_with_start = watched_.count() == 0 && last.fault == BootFault::kNone &&
                               !last.second_stage.jumps_to.empty();
  if (ends_with_start && !talks && !noisy) {
    HealthVerdict started = VerdictOfStart(log_, last.second_stage.jumps_to);
    started.notes = std::move(notes);
    return started;
  }
  log_.fault = BootFault::kNone;  // of what is over
  HealthVerdict verdict = VerdictOfNoConsole(log_, {.console = "console",
                                                    .heard = talks   ? heard.words
                                                             : noisy ? heard.noise
                                                                     : std::string_view(),
                                                    .own_words = false});
  verdict.notes = std::move(notes);
  std::vector<std::string>& shown = verdict.evidence;
  if (talks && std::find(shown.begin(), shown.end(), last.last_words) == shown.end()) {
    if (shown.size() == kEvidenceMax) shown.erase(shown.begin());
    shown.push_back(last.last_words);
  }
  return verdict;
}

HealthVerdict Judge::Decide() {
  EndWithWhatIsPending();
  CountEnds();
  CountResets();
  if (log_.download_mode && !Last().handed_over()) {
    log_.fault = BootFault::kNone;
    return VerdictOfFailedBoot(log_, watched_);
  }
  if (IsLoop()) return Loop();
  if (IsCrash()) return Crash();
  const Heard heard = Separate(text_);
  if (const ProductName other = NameInGreetings(heard.words); !other.product.empty())
    return VerdictOfGreeting(log_, other, "MicroPython or AT firmware");
  if (SaysFileSystemIsCorrupt(heard.words)) return WithoutConsole(heard);
  if (Last().up || AnswersAt(heard.words)) return Healthy(heard.words);
  return WithoutConsole(heard);
}

}  // namespace

HealthVerdict JudgeLog(ByteSpan heard, std::chrono::milliseconds watched) {
  const ByteSpan log = WithoutHead(heard);
  HealthVerdict verdict = Judge(ReadBootLog(log), AsText(log), watched).Decide();
  Transcript transcript;
  transcript.Add(log);
  verdict.transcript = transcript.Text();
  return verdict;
}

}  // namespace lastgood
