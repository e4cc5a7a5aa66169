// SPDX-License-Identifier: MIT
// What a health check, or a reader of a log, makes of a firmware.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "health/boot_log.h"

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
  kCheckFailed,    // it works, but something that [firmware.health] asks for is not so
};
std::string_view HealthName(Health health);  // "boot-loop"
std::optional<Health> HealthOfName(std::string_view name);

struct HealthVerdict {
  Health health = Health::kSilent;
  BootFault fault = BootFault::kNone;
  std::string firmware;  // what answered: "MicroPython", "CircuitPython"; empty if nothing did
  std::string version;   // what the board said: "1.22.1", empty if it said nothing
  std::string cause;     // what lies behind it, in a few words: "init data missing"; may be empty
  std::string
      summary;  // "REPL answers as 1.22.1, up for 5 s", "boot loop: 4 resets in 2 s, last words …"
  std::string remedy;                 // one line; empty when healthy
  std::vector<std::string> notes;     // what is worth knowing of a healthy board
  std::vector<std::string> evidence;  // lines of the boot log or console
  Bytes transcript;                   // everything heard, at most 64 KiB
  bool good() const { return health == Health::kHealthy; }
};

// "healthy(1.22.1)", "boot-loop(init data missing)", "other-firmware(CircuitPython 8.2.6)",
// "silent": with what tells verdicts of one kind apart.
std::string VerdictName(const HealthVerdict& verdict);

}  // namespace lastgood
