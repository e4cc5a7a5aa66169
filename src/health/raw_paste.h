// SPDX-License-Identifier: MIT
// Code for a raw REPL with flow control (protocol reference, section 16; MicroPython from 1.14 on).
#pragma once

#include <cstddef>
#include <string_view>

#include "health/line_listener.h"

namespace lastgood {

enum class RawPaste {
  kTaken,     // the board has all of it and executes it
  kNotKnown,  // older firmware, or switched off: the raw REPL waits for code as before
  kSilent,    // it promised to take it and did not: nothing was executed, and the REPL may hang
};

struct RawPasteResult {
  RawPaste outcome = RawPaste::kSilent;
  // With kTaken: where in line.SinceMark() the answer begins, which is output, 04, error, 04, '>'.
  std::size_t answer_at = 0;
};

// `line` must be at a raw REPL's prompt. Moves the line's mark. Bounded: 1.5 s for every window
// that the board has to grant, and for its last word.
Result<RawPasteResult> SendByRawPaste(LineListener& line, std::string_view code);

}  // namespace lastgood
