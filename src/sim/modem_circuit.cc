// SPDX-License-Identifier: MIT
#include "sim/modem_circuit.h"

#include <fmt/format.h>

namespace lastgood::sim {
namespace {

// 12 kOhm and 100 nF, as on widespread ESP8266 boards.
constexpr std::chrono::microseconds kRiseTime{1200};

}  // namespace

Result<ModemCircuit> ParseModemCircuit(std::string_view name) {
  if (name == "none") return ModemCircuit::kNone;
  if (name == "two-transistor") return ModemCircuit::kTwoTransistor;
  return Fail(ExitCode::kUsage, fmt::format("unknown modem circuit '{}'", name),
              "known circuits: none, two-transistor");
}

void ModemPins::SetDtr(bool on, TimePoint now) {
  dtr_ = on;
  Follow(now);
}

void ModemPins::SetRts(bool on, TimePoint now) {
  rts_ = on;
  Follow(now);
}

void ModemPins::Follow(TimePoint now) {
  const bool both = circuit_ == ModemCircuit::kTwoTransistor && dtr_ && rts_;
  const bool reset_low = rts_ && !both;
  const bool rises_late = circuit_ == ModemCircuit::kTwoTransistor && reset_low_ && !reset_low;
  if (reset_low)
    rises_at_.reset();
  else if (rises_late && !rises_at_)
    rises_at_ = now + kRiseTime;
  if (!rises_at_) reset_low_ = reset_low;
  board_.SetLines(reset_low_, dtr_ && !both);
}

void ModemPins::Attend(TimePoint now) {
  if (!rises_at_ || now < *rises_at_) return;
  rises_at_.reset();
  reset_low_ = false;
  const bool both = circuit_ == ModemCircuit::kTwoTransistor && dtr_ && rts_;
  board_.SetLines(false, dtr_ && !both);
}

}  // namespace lastgood::sim
