// SPDX-License-Identifier: MIT
// Does the firmware on the board work? It must prove itself (a fresh nonce computation on its
// console, the expected version) and then stay up for the settling time.
#pragma once

#include <string>
#include <vector>

#include "base/board_identity.h"
#include "base/bytes.h"
#include "base/result.h"
#include "device/board_lines.h"
#include "device/serial_port.h"
#include "health/boot_log.h"
#include "host/clock.h"
#include "host/interrupt.h"
#include "manifest/manifest.h"

namespace lastgood {

enum class Health {
  kHealthy,
  kWrongVersion,
  kBootLoop,
  kCrash,
  kSilent,
  kGarbage,
  kDownloadMode,
  kBusyProgram,    // the line is alive but no console can be had
  kOtherFirmware,  // a console of another kind than expected
  kCommandFailed,  // it works, but a command of [firmware.health] run did not print what it should
};
std::string_view HealthName(Health health);

struct HealthVerdict {
  Health health = Health::kSilent;
  BootFault fault = BootFault::kNone;
  std::string version;  // what the board said: "1.22.1", empty if it said nothing
  std::string
      summary;  // "REPL answers as 1.22.1, up for 5 s", "boot loop: 4 resets in 2 s, last words …"
  std::string remedy;                 // one line; empty when healthy
  std::vector<std::string> evidence;  // lines of the boot log or console
  Bytes transcript;                   // everything heard, at most 64 KiB
  bool good() const { return health == Health::kHealthy; }
};

// Resets the board into its firmware, listens at the rate of the ROM of `chip` then 115200, and
// asks. Bounded: boot 12 s, console 10 s, each command 10 s, settling as `spec` says, 3 s to count
// the resets of a board that failed. `nonce_seed` makes the computation fresh: the caller passes
// random bits (tests pass their seed). A program that was running is stopped for the check; the
// board is then reset into its firmware once more at the end, so a healthy board always runs what
// it would run after power-up. Fails with kBoard when the device is gone, kInterrupted, and as
// BoardLines::Reset does.
Result<HealthVerdict> CheckHealth(SerialPort& serial_port, BoardLines& lines, Clock& clock,
                                  const HealthSpec& spec, std::uint32_t nonce_seed,
                                  const Interrupt& interrupt, Chip chip = Chip::kEsp8266);

// What runs on the board now, without resetting it and without an opinion: "MicroPython 1.8.3",
// "AT 1.1.0.0", or "unknown". Takes at most 1.5 s. Used before identification, which does reset it.
Result<std::string> NameRunningFirmware(SerialPort& serial_port, Clock& clock,
                                        const Interrupt& interrupt);

}  // namespace lastgood
