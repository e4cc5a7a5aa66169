// SPDX-License-Identifier: MIT
// One thing that happened on a board's wires, and who wants to know of it.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "base/bytes.h"

namespace lastgood {

enum class WireEventKind {
  kHeard,      // octets from the board, as one read gave them
  kSent,       // octets to the board, as one write took them
  kRate,       // the host's rate from here on
  kLines,      // levels of the reset and boot lines from here on
  kReset,      // a reset was asked for: of lines whose levels this host does not see too
  kResetDone,  // it is over: the board runs
  // What is not on the wires, but is needed to read them.
  kOpened,   // the wires of a board were taken up
  kCheck,    // a health check begins
  kVerdict,  // it has ended
};

// Octets, rates and levels: what a report of the wires shows.
constexpr bool IsOnTheWires(WireEventKind kind) { return kind <= WireEventKind::kReset; }

struct WireEvent {
  std::chrono::microseconds at{0};  // since the recording began, on the monotonic clock
  WireEventKind kind = WireEventKind::kHeard;
  Bytes octets{};               // kHeard, kSent
  std::uint32_t baud = 0;       // kRate
  bool reset_asserted = false;  // kLines
  bool boot_asserted = false;   // kLines
  bool to_download = false;     // kReset: into the loader, else into the firmware
  std::string text{};  // kOpened: the serial device's name; kVerdict: the verdict's; kCheck:
                       // what is checked, as lines of printable text

  bool operator==(const WireEvent&) const = default;
};

// Takes every event, in order. Never fails a run: what can not be kept is lost.
class WireLog {
 public:
  virtual ~WireLog() = default;
  virtual void Add(WireEvent event) = 0;
};

}  // namespace lastgood
