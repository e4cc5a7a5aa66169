// SPDX-License-Identifier: MIT
// Reading what a chip says while it starts, from its ROM to the first words of its application
// (protocol reference, section 12): an ESP8266 or one of the ESP32 family, told apart by their
// words. Tolerant of CR/LF, garbage of the wrong rate, missing starts, lost octets, and of what
// people do to a log before they send it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "health/boot_fault.h"
#include "health/crash_report.h"
#include "health/reset_line.h"
#include "health/second_stage.h"

namespace lastgood {

struct BootSegment {
  std::uint32_t address = 0;
  std::uint32_t size_bytes = 0;
};

// One reset as the log shows it, and what was said until the next.
struct BootAttempt {
  // The reset line (reset_line.h).
  int reset_cause = -1;  // -1: the line was not readable
  std::string reset_name;
  ResetKind reset_kind = ResetKind::kUnknown;
  int boot_mode = -1;  // first digit: 1 download, 3 flash
  int boot_digit = -1;
  int boot_word = -1;
  std::string boot_text;
  std::string reset_line;  // as it was heard, or its second half

  // The ROM's loading.
  std::vector<BootSegment> segments;
  std::optional<std::uint8_t> last_chksum;
  std::optional<std::uint8_t> csum;
  bool entered = false;                         // "entry 0x…": the ESP32 family's ROM has no csum
  std::optional<std::uint32_t> invalid_header;  // the last one
  std::optional<std::uint32_t> flash_read_error;
  bool rom_basic = false;  // the ROM of an ESP32 waits in its BASIC, whose ">" is no REPL

  // What follows it.
  SecondStage second_stage;
  bool writes_init_data = false;
  std::optional<std::uint8_t> rf_cal;  // what was found instead of 0x05
  std::optional<CrashReport> crash;    // the last one
  int crashes = 0;                     // more than one where reset lines are lost

  // What became of it. A fault that may yet go well is pending until the start ends with it.
  BootFault fault = BootFault::kNone;
  BootFault pending = BootFault::kNone;
  std::string fault_line;    // the line that names either
  bool application = false;  // code of the image has said something
  int talk = 0;              // lines that are the application's, and not its SDK's
  std::size_t noise = 0;     // unreadable characters behind the reset line
  bool prompted = false;     // a prompt was seen
  bool up = false;           // a console announced itself, and nothing went wrong behind it
  // The last readable line before the next reset or the end; behind a line that names a fault,
  // register dumps and the ROM's "ets_main.c" do not count.
  std::string last_words;
  std::vector<std::string> evidence;  // lines that tell

  bool handed_over() const { return csum.has_value() || entered; }
  // No more than the first half of a reset line: neither why nor into what.
  bool cut_short() const {
    return reset_cause < 0 && boot_mode < 0 && boot_word < 0 && segments.empty() &&
           !handed_over() && last_words.empty();
  }
};

inline constexpr std::size_t kResetsOfALoop = 3;

struct BootLog {
  BootAttempt before;  // what was heard before any reset line; its reset is not known
  std::vector<BootAttempt> attempts;  // one per reset line seen
  // Resets that are no wake-ups from deep sleep: kResetsOfALoop of them are a boot loop.
  std::size_t starts = 0;
  // Of the last attempt that ended badly; a brown-out explains what comes after it, a watchdog's
  // reset what nothing else explains.
  BootFault fault = BootFault::kNone;
  std::string fault_line;  // the line that names it; empty when no line does
  // Three or more starts, or a reset after the application had started, except a first one by which
  // firmware up to 1.8.6 mends its flash size, and waking up.
  bool looping = false;
  bool download_mode = false;         // boot mode 1: the boot line is stuck, or this is the loader
  bool garbage = false;               // mostly unreadable octets: another rate
  std::string banner;                 // "MicroPython v1.8.7-… on …; …" when one was printed
  bool prompt = false;                // ">>> " at the end of a line's start
  bool at_ready = false;              // "ready" of an AT firmware
  std::vector<std::string> evidence;  // the lines that led to `fault`, at most 8

  // Of the last start, whether its reset line was readable or not.
  bool handed_over() const {
    return attempts.empty() ? before.handed_over() : attempts.back().handed_over();
  }
};

// Everything heard since the reset, in order. Never fails: what is not understood is garbage. Takes
// time that grows with the size alone.
BootLog ReadBootLog(ByteSpan heard);

}  // namespace lastgood
