// SPDX-License-Identifier: MIT
// What a serial device may have besides its data lines. An interface of its own: a SerialPort need
// not have it, and a UART on a pin header does not.
#pragma once

#include "base/result.h"

namespace lastgood {

class ModemControl {
 public:
  virtual ~ModemControl() = default;

  // Sets both outputs in one call. kBoard when the device has none, or vanished.
  virtual Result<void> SetModemLines(bool dtr, bool rts) = 0;
};

}  // namespace lastgood
