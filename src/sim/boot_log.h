// SPDX-License-Identifier: MIT
// What the mask ROM prints while it starts, and how it reads the application out of the flash
// (protocol reference, 12.1 and 13.1). Line ends are LF.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.h"

namespace lastgood::sim {

inline constexpr std::uint32_t kRomTextBaud = 74880;

// Values of "rst cause:".
inline constexpr int kCausePowerOn = 1;
inline constexpr int kCauseResetPin = 2;
inline constexpr int kCauseWatchdog = 4;

// First digit of "boot mode:(…)".
enum class Straps : int { kDownload = 1, kFlash = 3 };

std::string ResetLine(int cause, Straps straps);

// Reading the image at `offset`.
struct RomLoad {
  std::string text;        // the "load", "tail", "ho", "chksum" and "csum" lines, and the failure's
  bool loaded = false;     // false: the ROM stops for good
  std::uint32_t end = 0;   // offset behind the image
  std::uint32_t read = 0;  // bytes that it had to read
};
RomLoad LoadImage(ByteSpan flash, std::uint32_t offset);

}  // namespace lastgood::sim
