// SPDX-License-Identifier: MIT
// What a run tells the world while it goes: events as values, rendered for a terminal, as JSON
// lines, or not at all. A Reporter never fails a run: a closed pipe is not the board's problem.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lastgood {

enum class StageOutcome { kOk, kFail, kSkip, kNote };

constexpr std::string_view OutcomeName(StageOutcome outcome) {
  switch (outcome) {
    case StageOutcome::kOk:
      return "ok";
    case StageOutcome::kFail:
      return "fail";
    case StageOutcome::kSkip:
      return "skip";
    case StageOutcome::kNote:
      break;
  }
  return "note";
}

// One line per stage: "ok    fetch      642 KB, sha256 f727607f…    1.1 s".
struct StageEvent {
  std::string stage;  // one word: network, fetch, host, board, fallback, flash, health, rollback
  StageOutcome outcome = StageOutcome::kOk;
  std::string text;                      // facts, one line
  std::vector<std::string> details;      // further lines, shown below and indented
  std::chrono::milliseconds elapsed{0};  // not shown when below 50 ms
  std::string device{};                  // which board's, in a run of several: its serial device
};

// How far a stage is; may come hundreds of times a second, a Reporter thins them out itself.
struct ProgressEvent {
  std::string stage;
  std::uint64_t bytes_done = 0;
  std::uint64_t bytes_total = 0;  // 0 when unknown
  std::string device{};
};

// A run entered a stored state (design section 3).
struct StateEvent {
  std::int64_t run = 0;
  std::string state;
  std::string detail;
  std::string device{};
};

// The verdict, last of all.
struct OutcomeEvent {
  std::int64_t run = 0;  // 0 when nothing was recorded
  int exit_code = 0;
  std::string text;      // "Board 18:fe:34:… runs MicroPython 1.22.1 and is known good (14.2 s)."
  std::string board;     // MAC address, empty when unknown
  std::string firmware;  // what the board runs now, as far as known
  bool changed = false;
  bool rolled_back = false;
  std::string device{};
};

class Reporter {
 public:
  virtual ~Reporter() = default;
  virtual void Stage(const StageEvent& event) = 0;
  virtual void Progress(const ProgressEvent& event) = 0;
  virtual void State(const StateEvent& event) = 0;
  virtual void Outcome(const OutcomeEvent& event) = 0;
};

}  // namespace lastgood
