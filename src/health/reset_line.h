// SPDX-License-Identifier: MIT
// The line with which a ROM begins (protocol reference, sections 12.1 and 12.3): why the chip was
// reset, and from where it starts. It may come in two halves.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace lastgood {

enum class ResetKind { kUnknown, kPowerOn, kExternal, kSoftware, kWatchdog, kDeepSleep, kBrownout };

struct ResetLine {
  int cause = -1;    // -1: not readable
  std::string name;  // "external reset", "RTCWDT_RTC_RESET"; empty when not known
  ResetKind kind = ResetKind::kUnknown;
  int boot_mode = -1;     // 1 download, 3 flash; the other first digits are of the ESP8266 alone
  int boot_digit = -1;    // the second digit of an ESP8266
  int boot_word = -1;     // of the ESP32 family: 0x13
  std::string boot_text;  // "SPI_FAST_FLASH_BOOT"
};

// Most lines have none, and finding its place is dear: ask this first. `squashed` as of Squash.
bool MayHaveReset(std::string_view squashed);

// Where a reset line, or the second half of one, starts at or after `from`; line.size() = nowhere.
std::size_t FindResetLine(std::string_view line, std::size_t from);

// Where the one that starts at `begin` gives way to another one on the same line.
std::size_t EndOfResetLine(std::string_view line, std::size_t begin);

// Which halves are there: the ROM's name or date, and the cause with the boot mode.
bool HasDate(std::string_view line);
bool TellsCause(std::string_view line);

// What can be read of one reset line.
ResetLine ReadResetLine(std::string_view line);

}  // namespace lastgood
