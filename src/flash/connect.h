// SPDX-License-Identifier: MIT
// Getting a board into its ROM loader, and saying why not (protocol reference, sections 6, 11, 12).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "device/board_lines.h"
#include "flash/loader_link.h"

namespace lastgood {

// Resets the board into its loader and syncs, with growing patience; about 5 s at most. The link's
// rate is tried first (the ROM measures it), `fallback` where that gets no quick answer; the link
// is left at the rate that worked. A stub that was not reset is an answer after a second try,
// unless `rom_only`. kBoard with a diagnosis when nothing answers.
//
// Where a person moves the lines, the loader is looked for as it is; then the person is asked, and
// asked once more. kRefused when nobody is there to be asked.
Result<Answerer> EnterLoader(LoaderLink& link, BoardLines& lines, std::uint32_t fallback,
                             bool rom_only);

// What was heard from a board that did not answer.
struct Heard {
  Bytes at_working_rate;
  Bytes at_boot_rate;  // 74880 baud, after one more reset
  bool own_frames = false;
  bool stub = false;
};

struct Diagnosis {
  std::string finding;
  std::string remedy;
};

// `port` and `lines` are names for the remedy.
Diagnosis DiagnoseSilence(const Heard& heard, const std::string& serial_port,
                          const std::string& lines);

// The digit M of the ROM's "boot mode:(M,N)": the boot straps GPIO15, GPIO0, GPIO2 as bits 2, 1, 0.
std::optional<int> BootModeIn(ByteSpan text);

}  // namespace lastgood
