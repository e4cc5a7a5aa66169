// SPDX-License-Identifier: MIT
// From a serial adapter's modem lines to the board's pins: DTR is there for the boot pin, RTS for
// reset (protocol reference, section 11.1).
#pragma once

#include <optional>
#include <string_view>

#include "base/result.h"
#include "host/clock.h"
#include "sim/simulated_board.h"

namespace lastgood::sim {

enum class ModemCircuit {
  kNone,           // each line drives its pin: asserted = low
  kTwoTransistor,  // a pin is low only while its line alone is asserted, as on development boards
};

// "none", "two-transistor"; kUsage for another word.
Result<ModemCircuit> ParseModemCircuit(std::string_view name);

class ModemPins {
 public:
  ModemPins(SimulatedBoard& board, ModemCircuit circuit) : board_(board), circuit_(circuit) {}

  void SetDtr(bool on, TimePoint now);
  void SetRts(bool on, TimePoint now);
  bool dtr() const { return dtr_; }
  bool rts() const { return rts_; }

  // With the two transistors, the capacitor at the reset pin lets it rise a little later, so that
  // two lines set one after the other act like one that are set together. `Attend` when it is due.
  void Attend(TimePoint now);
  TimePoint NextEvent() const { return rises_at_.value_or(TimePoint::max()); }

 private:
  void Follow(TimePoint now);

  SimulatedBoard& board_;
  ModemCircuit circuit_;
  bool dtr_ = false;
  bool rts_ = false;
  bool reset_low_ = false;
  std::optional<TimePoint> rises_at_;
};

}  // namespace lastgood::sim
