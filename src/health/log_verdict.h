// SPDX-License-Identifier: MIT
// What a log alone says, with nobody there to ask the board: for captures, and for logs that people
// send.
//
//  healthy         its last words are a console's: a prompt, AT firmware's "ready", an answer to
//                  AT; or the log, of unknown length, ends where a second stage starts the
//                  application. One watchdog reset long before, a repair of the flash size, waking
//                  up from deep sleep, and a person's own resets (two at most where the chip cannot
//                  tell them from its own) do not matter.
//  boot-loop       the same end twice, three starts without a word why, or one cycle whose last
//                  line says that the firmware restarts (rf_cal, system param error) or that it
//                  died, followed by a start that comes to nothing better. An ESP32 whose loader
//                  refuses its image is reset by a watchdog: it loops as soon as that reset is
//                  seen, while an ESP8266 stops.
//  crash           an end that was seen once, whatever came before it: a prompt does not make up
//                  for a crash behind it, and nor does the prompt after that.
//  download-mode   the last start leads into the loader.
//  busy-program    it started, and an application says something, without a console.
//  silent          it started, and says nothing; or nothing at all was heard. Not known why.
//  garbage         octets of another rate, or nothing else behind the ROM's text or behind a prompt
//                  (a reset whose text is not readable).
//  other-firmware  the console of a firmware that lastgood knows by name only.
#pragma once

#include <chrono>

#include "base/bytes.h"
#include "health/health_verdict.h"

namespace lastgood {

// `heard` is what a board said since one reset or later, `watched` how long that took (0: not
// known). A head that a person wrote above it, lines that begin with "# ", is left out.
HealthVerdict JudgeLog(ByteSpan heard, std::chrono::milliseconds watched);

}  // namespace lastgood
