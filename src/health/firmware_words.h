// SPDX-License-Identifier: MIT
// What firmware says without being asked: who it is, and what keeps it from answering. Exact texts
// of the programs themselves, so that a sentence about them is not taken for them.
#pragma once

#include <string_view>

#include "health/firmware_version.h"

namespace lastgood {

inline constexpr std::string_view kRomBasic = "ESP32 ROM BASIC";

// Firmware that greets by name and that no console here talks to: CircuitPython, NodeMCU, Tasmota,
// ESPHome, ESP Easy, Espruino, and the interpreter that an ESP32's ROM starts when it finds nothing
// to boot. Of the last greeting in `heard`; empty when there is none.
ProductName NameInGreetings(std::string_view heard);

// MicroPython's complaint when what it finds in the file system's place is none: it repeats that
// every three seconds instead of giving a prompt.
bool SaysFileSystemIsCorrupt(std::string_view heard);
// It makes its file system and has said nothing since: an interrupt would leave half of one.
bool IsMakingFileSystem(std::string_view heard);
// The interpreter started anew, the chip did not: "PYB: soft reboot", "MPY: soft reboot", "soft
// reset", or the raw REPL's banner that nobody asked for.
bool SaysSoftReset(std::string_view heard);
bool AsksForPassword(std::string_view heard);
// AT firmware that cannot use the parameters in its flash says so in place of "ready".
bool SaysParametersAreInvalid(std::string_view heard);

}  // namespace lastgood
