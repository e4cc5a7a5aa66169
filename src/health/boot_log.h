// SPDX-License-Identifier: MIT
// Reading what an ESP8266 says while it starts (protocol reference, section 12), tolerant of CR/LF,
// garbage of the wrong rate and missing starts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace lastgood {

struct BootSegment {
  std::uint32_t address = 0;
  std::uint32_t size_bytes = 0;
};

// One reset as the log shows it.
struct BootAttempt {
  int reset_cause = -1;    // -1: the line was not readable
  int boot_mode = -1;      // first digit: 1 download, 3 flash
  std::string reset_line;  // as it was heard, or its second half
  std::vector<BootSegment> segments;
  std::optional<std::uint8_t> last_chksum;
  std::optional<std::uint8_t> csum;
  // The last readable line before the next reset or the end; behind a line that names a fault,
  // register dumps and the ROM's "ets_main.c" do not count.
  std::string last_words;
  bool entered = false;  // "entry 0x…": the ESP32 family's ROM has no csum

  bool handed_over() const { return csum.has_value() || entered; }
};

enum class BootFault {
  kNone,
  kInitDataMissing,  // rf_cal[0] !=0x05,is 0xFF: no init data where the SDK looks
  kInitDataWrong,    // rf_cal[0] !=0x05,is 0x..: something else is there
  kSystemParams,     // system param error
  kException,        // Fatal exception
  kChecksum,         // csum err
  kNotBootable,      // ets_main.c without csum err: blank or unreadable flash
  kFlashRead,        // flash read err
  kWatchdog,         // wdt reset
  kSizeRepair,       // "Bootloader Flash size appear to have been set incorrectly, trying to fix"
  kUnknown,
};
std::string_view BootFaultName(BootFault fault);  // "init data missing", …

inline constexpr std::size_t kResetsOfALoop = 3;

struct BootLog {
  std::vector<BootAttempt> attempts;   // one per reset line seen
  BootFault fault = BootFault::kNone;  // of the last attempt that ended badly
  std::string fault_line;              // the line that names it; empty when no line does
  // Three or more resets, or a reset after the application had started, except a first one by which
  // firmware up to 1.8.6 mends its flash size.
  bool looping = false;
  bool download_mode = false;         // boot mode 1: the boot line is stuck, or this is the loader
  bool garbage = false;               // mostly unreadable octets: another rate
  std::string banner;                 // "MicroPython v1.8.7-… on …; …" when one was printed
  bool prompt = false;                // ">>> " at the end of a line's start
  bool at_ready = false;              // "ready" of an AT firmware
  std::vector<std::string> evidence;  // the lines that led to the verdict, at most 8
};

// Everything heard since the reset, in order. Never fails: what is not understood is garbage.
BootLog ReadBootLog(ByteSpan heard);

}  // namespace lastgood
