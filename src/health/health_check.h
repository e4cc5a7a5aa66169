// SPDX-License-Identifier: MIT
// Does the firmware on the board work? It must prove itself (a fresh nonce computation on its
// console, the expected version) and then stay up for the settling time.
#pragma once

#include <cstdint>
#include <string>

#include "base/board_identity.h"
#include "base/result.h"
#include "device/board_lines.h"
#include "device/serial_port.h"
#include "health/health_verdict.h"
#include "host/clock.h"
#include "host/interrupt.h"
#include "manifest/manifest.h"

namespace lastgood {

// Resets the board into its firmware, listens at the rate of the ROM of `chip` then 115200, and
// asks. Bounded: boot 12 s, or 60 s while a first start makes its file system; a console as
// FirmwareConsole::Open() says, once more at each of eight other rates at which something answers
// within 0.4 s where nothing readable did, and once more for firmware of the other kind; name and
// version 5 s, twice where the version is not as expected; free memory and files 10 s each, twice
// where they are not; each command its own limit and 3 s of busy AT firmware; settling as `spec`
// says. A board that resets itself while it settles is heard for 3 s and asked as above; if it
// named no fault and is back, it is asked everything once more and must stay up for a whole
// settling time; a second time fails. 3 s to count the resets of a board that failed. `nonce_seed`
// makes the computation fresh: the caller passes random bits (tests pass their seed). A program
// that was running is stopped for the check; the board is then reset into its firmware once more at
// the end, so a healthy board always runs what it would run after power-up. Fails with kBoard when
// the device is gone, kInterrupted, and as BoardLines::Reset does.
Result<HealthVerdict> CheckHealth(SerialPort& serial_port, BoardLines& lines, Clock& clock,
                                  const HealthSpec& spec, std::uint32_t nonce_seed,
                                  const Interrupt& interrupt, Chip chip = Chip::kEsp8266);

// What runs on the board now, without resetting it and without an opinion: "MicroPython 1.8.3",
// "AT 1.1.0.0", "CircuitPython 8.2.6", or "unknown". Takes at most 1.5 s. Used before
// identification, which does reset it.
Result<std::string> NameRunningFirmware(SerialPort& serial_port, Clock& clock,
                                        const Interrupt& interrupt);

}  // namespace lastgood
