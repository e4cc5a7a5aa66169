// SPDX-License-Identifier: MIT
#include "health/at_console.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "health/firmware_version.h"
#include "health/readable_text.h"

namespace lastgood {
namespace {

using std::chrono::milliseconds;

constexpr int kAttempts = 3;
constexpr milliseconds kOpenMax{10000};
constexpr milliseconds kAnswerMax{1000};
constexpr milliseconds kLateAnswer{100};
constexpr milliseconds kBusyPause{500};
constexpr int kBusyMax = 6;

enum class Ending { kNone, kOk, kError, kBusy };

// How the answer ends so far. The last line only counts when its end was heard.
Ending EndingOf(std::string_view heard) {
  const std::size_t complete = heard.find_last_of("\r\n");
  if (complete == std::string_view::npos) return Ending::kNone;
  for (const std::string_view line : SplitLines(heard.substr(0, complete))) {
    if (line == "OK") return Ending::kOk;
    if (line == "ERROR" || line == "FAIL") return Ending::kError;
    if (line.starts_with("busy ")) return Ending::kBusy;
  }
  return Ending::kNone;
}

}  // namespace

Result<bool> AtConsole::Open(bool /*at_prompt*/) {
  const Deadline deadline(line_.clock(), kOpenMax);
  for (int attempt = 0; attempt < kAttempts && !deadline.Expired(); ++attempt) {
    if (attempt > 0) TRY_DO(line_.HearUntilQuiet(kLateAnswer, kAnswerMax));
    TRY(const bool succeeded, Succeeds("AT"));
    if (!succeeded) continue;
    // Any program may print "OK"; only AT firmware tells such a version when asked for it.
    TRY(version_, AskVersion());
    if (!version_.empty()) return true;
  }
  return false;
}

Result<std::string> AtConsole::AskVersion() {
  TRY(const auto answer, Execute("AT+GMR", kAnswerMax));
  return answer ? VersionOfAt(answer->output) : std::string();
}

Result<ProductName> AtConsole::Identify() {
  if (version_.empty()) {
    TRY(version_, AskVersion());
  }
  return ProductName{Product(), std::exchange(version_, {})};
}

// An empty line first: what was sent at another rate may stand in the board's line.
Result<bool> AtConsole::Knock(milliseconds limit) {
  line_.Mark();
  TRY_DO(line_.Send("\r\nAT\r\n"));
  const Deadline deadline(line_.clock(), limit);
  while (EndingOf(line_.SinceMark()) == Ending::kNone && !deadline.Expired())
    TRY_DO(line_.Hear(deadline.Remaining()));
  const bool answers = EndingOf(line_.SinceMark()) != Ending::kNone;
  // Both lines may be answered, and a late answer would be taken for the next command's.
  if (answers) TRY_DO(line_.HearUntilQuiet(kLateAnswer, limit));
  return answers;
}

Result<std::optional<ConsoleAnswer>> AtConsole::Execute(std::string_view code, milliseconds limit) {
  const Deadline all(line_.clock(), limit + kBusyMax * kBusyPause);
  while (true) {
    line_.Mark();
    TRY_DO(line_.Send(fmt::format("{}\r\n", code)));
    const Deadline deadline(line_.clock(), std::min(limit, all.Remaining()));
    Ending ending = EndingOf(line_.SinceMark());
    while (ending == Ending::kNone && !deadline.Expired()) {
      TRY_DO(line_.Hear(deadline.Remaining()));
      ending = EndingOf(line_.SinceMark());
    }
    const std::string heard(line_.SinceMark());
    if (ending == Ending::kOk) return ConsoleAnswer{heard, {}};
    if (ending == Ending::kError) return ConsoleAnswer{heard, "ERROR"};
    if (ending == Ending::kNone || all.Expired()) return std::nullopt;
    TRY_DO(line_.Pause(kBusyPause));
  }
}

Result<bool> AtConsole::Succeeds(std::string_view command) {
  TRY(const auto answer, Execute(command, kAnswerMax));
  return answer && answer->error.empty();
}

Result<void> AtConsole::LeaveMark() {
  TRY(echo_touched_, Succeeds("ATE0"));
  marked_ = echo_touched_;
  // Firmware that accepts ATE0 and echoes all the same cannot be marked.
  TRY(marked_, MarkIsThere());
  return {};
}

Result<void> AtConsole::Close() {
  if (echo_touched_) TRY_DO(Succeeds("ATE1"));
  marked_ = echo_touched_ = false;
  return {};
}

Result<bool> AtConsole::MarkIsThere() {
  TRY(const auto answer, Execute("AT", kAnswerMax));
  if (!answer || !answer->error.empty()) return false;
  return !marked_ || answer->output.find("AT") == std::string::npos;
}

}  // namespace lastgood
