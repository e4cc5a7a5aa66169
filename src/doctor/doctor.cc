// SPDX-License-Identifier: MIT
#include "doctor/doctor.h"

#include <array>
#include <iterator>
#include <utility>

#include "doctor/checks.h"

namespace lastgood {
namespace {

using Check = Findings (*)(const HostView&);

constexpr std::array kChecks = {
    Check{CheckHost},         Check{CheckBootConfig},   Check{CheckSerialDevices},
    Check{CheckUart},         Check{CheckBluetooth},    Check{CheckConsole},
    Check{CheckSerialAccess}, Check{CheckSerialHolder}, Check{CheckProbers},
    Check{CheckBoardLines},   Check{CheckGpioChips},    Check{CheckGpioAccess},
    Check{CheckGpioLines},    Check{CheckGpioOverlays},
};

}  // namespace

Findings Examine(const HostView& view) {
  Findings all;
  for (const Check check : kChecks) {
    Findings found = check(view);
    all.insert(all.end(), std::make_move_iterator(found.begin()),
               std::make_move_iterator(found.end()));
  }
  return all;
}

}  // namespace lastgood
