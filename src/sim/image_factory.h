// SPDX-License-Identifier: MIT
// Firmware images in the formats of section 13, made from nothing: for the demo and for tests. The
// simulated board boots them by the same rules as real ones.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace lastgood::sim {

struct ImageRequest {
  enum class Kind {
    kMicropython,  // SDK 2.0 line: writes its init data at the ROM's idea of the chip, loops on a
                   // wrong header
    kMicropythonSdk1,  // SDK 1.5 line: boots with any header size
    kAt,               // AT firmware 1.1 for a 1 MB map, with init data inside; always 0xFF000
                       // bytes, of which about `size_bytes` are code
    kCrashing,         // Fatal exception at start, for ever
    kCrashingLate,     // prints banner and prompt, then Fatal exception, for ever
    kSilent,           // boots and says nothing
    kCircuitpython,    // MicroPython's relative, which answers all that MicroPython answers
  } kind = Kind::kMicropython;
  // Of MicroPython or CircuitPython: "1.8.7", or with a date, "1.8.7-7-gb5a1a20a3 on 2017-01-09".
  // Texts, header and SDK are those of the release; before 1.8.3 there was no MD5 trailer.
  std::string version = "1.22.1";
  std::uint32_t size_bytes = 96 * 1024;  // of the whole file, about; from 40 KB to 1 MB
  std::uint32_t seed = 1;                // of the filler
};

// "micropython", "micropython-sdk1", "at", "crashing", "crashing-late", "silent",
// "circuitpython"
Result<ImageRequest::Kind> ParseImageKind(std::string_view name);

Bytes MakeImage(const ImageRequest& request);

}  // namespace lastgood::sim
