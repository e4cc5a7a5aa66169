// SPDX-License-Identifier: MIT
// What went over a board's wires, in bounded memory, for the report of a run.
//
// - What follows closely in one direction is one event, however small the reads were.
// - While a loader is spoken to, a read or write of more than 256 octets is kept as its first 64:
// an
//   image's content is not what anybody looks for here. A console is kept whole.
// - Of each stretch between two calls of Take() the beginning and the end are kept; all stretches
// of
//   a run together have a budget, and what comes once it is used up has less.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "capture/wire_event.h"
#include "evidence/evidence.h"

namespace lastgood {

class WireKeeper final : public WireLog {
 public:
  static constexpr std::size_t kStretchBytesMax = 24 * 1024;  // half of it for the end
  static constexpr std::size_t kRunBytesMax = 96 * 1024;
  static constexpr std::size_t kLeastBytes = 4 * 1024;  // of a stretch beyond the run's budget

  void Add(WireEvent event) override;

  // What was kept since the last call.
  WireEvidence Take();

 private:
  bool MergesWithLast(const WireEvent& event) const;
  void Keep(KeptWireEvent kept);
  void Store(KeptWireEvent kept);
  std::size_t HalfLimit() const;

  std::vector<KeptWireEvent> head_;
  std::deque<KeptWireEvent> tail_;
  std::size_t head_bytes_ = 0;
  std::size_t tail_bytes_ = 0;
  bool head_full_ = false;
  std::uint64_t gap_ = 0;              // octets that fell out of the tail, or were never in it
  std::size_t run_bytes_ = 0;          // given away by Take()
  bool loader_ = false;                // what was sent last was a loader's frame
  std::optional<KeptWireEvent> open_;  // may still grow
  std::chrono::microseconds open_until_{0};
  std::uint64_t heard_ = 0;
  std::uint64_t sent_ = 0;
};

}  // namespace lastgood
