// SPDX-License-Identifier: MIT
// What a board says when it is reset into its loader or into its firmware, for those who want to
// know whether its wires work: no opinion on the firmware (health_check.h has one).
#pragma once

#include <cstdint>

#include "base/board_identity.h"
#include "base/bytes.h"
#include "base/result.h"
#include "device/board_lines.h"
#include "device/serial_port.h"
#include "health/boot_log.h"
#include "host/clock.h"
#include "host/interrupt.h"

namespace lastgood {

struct BootObservation {
  BootLog log;
  Bytes heard;                 // everything, at most 64 KiB
  std::uint32_t rom_baud = 0;  // at which the ROM's reset line was readable; 0: it was not
  int patience = 0;            // that the reset needed (BoardLines::Reset)
  bool rates_refused = false;  // the device can not listen at one of the rates
  bool readable() const { return rom_baud != 0; }
};

// Resets the board into `mode` and listens. kDownload: to the ROM's reset line alone, with a longer
// reset when nothing is heard and at the other rate when what is heard is noise; 1.5 s and the
// resets at most, and the board is left in its loader. kRun: until it is up or has failed, 16 s at
// most. Fails with kBoard when the device is gone, kInterrupted, and as BoardLines::Reset does.
Result<BootObservation> ObserveBoot(SerialPort& serial_port, BoardLines& lines, Clock& clock,
                                    const Interrupt& interrupt, Chip chip, BoardMode mode);

}  // namespace lastgood
