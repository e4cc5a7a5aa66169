// SPDX-License-Identifier: MIT
// Events as lines for a person: design section 11.
//
//   - One line a stage; facts, details below it. A line of a stage is never taken back.
//   - Where a terminal is, progress is one line that is drawn over, at most ten times a second, and
//   is
//     gone before anything else is written. Elsewhere a stage of 5 s or more says 25, 50 and 75 %.
//   - Of several boards, lines name the board, and the one that is drawn over shows each of them.
//   - Colour adds to the words and replaces none. Nothing but '\r' moves the cursor.
//   - What comes from boards, servers and files is made printable first.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

#include "host/clock.h"
#include "report/output_sink.h"
#include "report/rate_meter.h"
#include "report/reporter.h"

namespace lastgood {

struct TerminalOptions {
  bool is_terminal = false;
  bool colour = false;     // the caller looks at NO_COLOR and TERM
  bool verbose = false;    // also show the states that a run goes through
  std::size_t width = 80;  // columns; only a terminal's lines are broken there
};

// `sink` and `clock` must outlive it.
class TerminalReporter final : public Reporter {
 public:
  TerminalReporter(OutputSink& sink, const Clock& clock, TerminalOptions options)
      : sink_(sink), clock_(clock), options_(options) {}
  ~TerminalReporter() override;
  TerminalReporter(const TerminalReporter&) = delete;
  TerminalReporter& operator=(const TerminalReporter&) = delete;

  void Stage(const StageEvent& event) override;
  void Progress(const ProgressEvent& event) override;
  void State(const StateEvent& event) override;
  // A failure's verdict is the error message, which is not this class's to write: shown are only
  // successes.
  void Outcome(const OutcomeEvent& event) override;

 private:
  // The progress of one board's stage.
  struct Followed {
    std::string stage;
    RateMeter meter;
    std::uint64_t bytes_done = 0;
    TimePoint began{};
    TimePoint last_shown{};
    int quarters_said = 0;
    int percent = -1;
  };

  static void Follow(const ProgressEvent& event, TimePoint now, Followed& followed);
  void Draw(const ProgressEvent& event, TimePoint now, Followed& followed);
  std::string AllBoards() const;
  void Announce(const ProgressEvent& event, TimePoint now, Followed& followed);
  void ClearDrawn();
  std::string ElapsedColumn(const std::string& elapsed, std::size_t taken) const;
  std::size_t WrapWidth(std::size_t taken) const;
  std::string Coloured(std::string_view text, std::string_view code) const;

  OutputSink& sink_;
  const Clock& clock_;
  const TerminalOptions options_;

  std::map<std::string, Followed> followed_;  // by device
  TimePoint last_drawn_{};
  std::size_t drawn_width_ = 0;  // of the line that is drawn now; 0 = none
};

}  // namespace lastgood
