// SPDX-License-Identifier: MIT
// Rules of this reader (protocol reference, sections 12.1 and 12.2):
//  - A reset line opens an attempt; its two halves ("ets Jan …" and "rst cause …") may come alone.
//  - Within an attempt the last telling line names the fault: a board that complains about its
//    parameters and then finds no init data has an init data problem.
//  - Two lines tell only when nothing better does: "ets_main.c" is where the ROM stops whatever the
//    reason, and "wdt reset" is printed after the fact by the next attempt.
//  - A reset by which MicroPython up to 1.8.6 mends its flash size is no fault until it repeats.
#include "health/boot_log.h"

#include <algorithm>
#include <array>
#include <utility>

#include "health/readable_text.h"

namespace lastgood {
namespace {

constexpr std::size_t kEvidenceMax = 8;
constexpr std::size_t kSegmentsMax = 16;

struct FaultPattern {
  std::string_view pattern;
  BootFault fault;
};

// The first that matches a line counts. Espressif's later chips print some of the same.
constexpr std::array kFaultPatterns = {
    FaultPattern{"rf_cal[0]!=0x05,is0xff", BootFault::kInitDataMissing},
    FaultPattern{"rf_cal[0]!=0x05", BootFault::kInitDataWrong},
    FaultPattern{"systemparamerror", BootFault::kSystemParams},
    FaultPattern{"fatalexception", BootFault::kException},
    FaultPattern{"gurumeditationerror", BootFault::kException},
    FaultPattern{"csumerr", BootFault::kChecksum},
    FaultPattern{"flashreaderr", BootFault::kFlashRead},
    FaultPattern{"invalidheader:0x", BootFault::kNotBootable},
    FaultPattern{"ets_main.c", BootFault::kNotBootable},
    FaultPattern{"flashsizeappeartohavebeensetincorrectly", BootFault::kSizeRepair},
    FaultPattern{"wdtreset", BootFault::kWatchdog},
    FaultPattern{"unknownreset", BootFault::kUnknown},
    FaultPattern{"brownoutdetectorwastriggered", BootFault::kUnknown},
};

// What the ROM prints while it loads, besides the lines that are read for their numbers.
constexpr std::array<std::string_view, 7> kRomLines = {
    "tail", "ho0", "configsip", "clk_drv", "mode:", "entry0x", "waitingfordownload"};

constexpr std::array<std::string_view, 4> kRomDates = {"etsjan8", "etsjun8", "etsjul29",
                                                       "esp-rom:"};

bool Has(std::string_view squashed, std::string_view pattern) {
  return squashed.find(pattern) != std::string_view::npos;
}

// "rst:0x" of the ESP32 family must not be found at the end of a word.
std::optional<LooseMatch> FindResetCause(std::string_view line, std::size_t from = 0) {
  if (auto match = FindLoose(line, "rstcause:", from)) return match;
  const auto match = FindLoose(line, "rst:0x", from);
  const bool at_word = match && (match->begin == 0 || line[match->begin - 1] == ' ');
  return at_word ? match : std::nullopt;
}

// Where a reset line, or the second half of one, starts at or after `from`; line.size() = nowhere.
std::size_t FindResetLine(std::string_view line, std::size_t from) {
  std::size_t first = line.size();
  for (const std::string_view date : kRomDates)
    if (const auto match = FindLoose(line, date, from)) first = std::min(first, match->begin);
  if (const auto match = FindResetCause(line, from)) first = std::min(first, match->begin);
  return first;
}

// Most lines have none of a reset line, and finding its place is dear.
bool MayHaveReset(std::string_view squashed) {
  return Has(squashed, "etsj") || Has(squashed, "esp-rom:") || Has(squashed, "rst:0x") ||
         Has(squashed, "rstcause:");
}

BootFault FaultOfLine(std::string_view squashed) {
  for (const FaultPattern& row : kFaultPatterns)
    if (Has(squashed, row.pattern)) return row.fault;
  // The core for Arduino leaves the first word out.
  if (squashed.starts_with("exception(")) return BootFault::kException;
  return BootFault::kNone;
}

bool IsAfterthought(std::string_view squashed, BootFault fault) {
  return fault == BootFault::kWatchdog || Has(squashed, "ets_main.c");
}

int BootModeOf(std::string_view line) {
  if (const auto match = FindLoose(line, "bootmode:("))
    return static_cast<int>(NumberAt(line, match->end, 10).value_or(~0U));
  if (ContainsLoose(line, "download")) return 1;
  if (ContainsLoose(line, "flash_boot")) return 3;
  return -1;
}

int ResetCauseOf(std::string_view line) {
  const auto match = FindResetCause(line);
  if (!match) return -1;
  const bool hexadecimal = line[match->end - 1] == 'x';
  const auto cause = NumberAt(line, match->end, hexadecimal ? 16 : 10);
  return cause && *cause <= 0xff ? static_cast<int>(*cause) : -1;
}

std::string_view BannerOf(std::string_view line) {
  const std::size_t begin = line.find("MicroPython ");
  if (begin == std::string_view::npos || line.find(" on ", begin) == std::string_view::npos)
    return {};
  return line.substr(begin);
}

std::optional<std::uint8_t> ByteBehind(std::string_view line, std::string_view label) {
  const auto match = FindLoose(line, label);
  const auto value = match ? NumberAt(line, match->end, 16) : std::nullopt;
  return value && *value <= 0xff ? std::optional(static_cast<std::uint8_t>(*value)) : std::nullopt;
}

// "load 0x40100000, len 31264, room 16", or "load:0x3fff0030,len:1184" of the ESP32 family.
std::optional<BootSegment> SegmentOf(std::string_view line) {
  const auto length = FindLoose(line, "len");
  if (!length) return std::nullopt;
  const bool colon = line.substr(length->end).starts_with(':');
  const auto address = NumberAt(line, line.find('x') + 1, 16);
  const auto size = NumberAt(line, length->end + (colon ? 1 : 0), 10);
  if (!address || !size) return std::nullopt;
  return BootSegment{*address, *size};
}

// More than the log says: what the verdict needs to know of each attempt.
struct Attempt {
  BootAttempt log;
  BootFault fault = BootFault::kNone;
  std::string fault_line;
  bool application = false;      // code of the image has said something
  bool reset_line_open = false;  // nothing but (half of) a reset line so far
};

class BootLogReader {
 public:
  void ReadLine(std::string_view line);
  BootLog Finish(std::string_view text);

 private:
  void ReadResetLine(std::string_view line);
  void ReadOutput(std::string_view line, std::string_view squashed);
  bool ReadLoading(std::string_view line, std::string_view squashed);
  bool ReadFault(std::string_view line, std::string_view squashed);
  bool ReadConsole(std::string_view line, std::string_view clean);
  void Note(std::string_view line);
  Attempt& Current() { return attempts_.back(); }
  bool Looping() const;

  BootLog log_;
  std::vector<Attempt> attempts_{1};  // the first: what was heard before any reset line
};

void BootLogReader::ReadLine(std::string_view line) {
  const std::string squashed = Squash(line);
  if (!MayHaveReset(squashed)) return ReadOutput(line, squashed);
  const std::size_t reset = FindResetLine(line, 0);
  if (reset > 0) ReadOutput(line.substr(0, reset), Squash(line.substr(0, reset)));
  if (reset < line.size()) Note(line.substr(reset));
  for (std::size_t at = reset; at < line.size();) {
    const std::size_t next = FindResetLine(line, at + 1);
    ReadResetLine(line.substr(at, next - at));
    at = next;
  }
}

void BootLogReader::ReadResetLine(std::string_view line) {
  const bool second_half = FindResetCause(line).has_value();
  if (!(second_half && Current().reset_line_open)) attempts_.emplace_back();
  Current().reset_line_open = !second_half;
  Current().log.reset_cause = ResetCauseOf(line);
  Current().log.boot_mode = BootModeOf(line);
  Current().log.reset_line = CleanLine(line);
}

void BootLogReader::ReadOutput(std::string_view line, std::string_view squashed) {
  const std::string clean = CleanLine(line);
  const Readability readability = Measure(line);
  if (clean.size() < 3 || readability.unreadable * 4 >= readability.characters) {
    // Too short or too noisy to be anybody's words; a prompt behind noise is still one.
    if (clean.ends_with(">>>")) log_.prompt = true;
    return;
  }
  // A build date stands between the halves of the newer chips' reset lines.
  if (Current().reset_line_open && squashed.starts_with("build:")) return;
  Current().reset_line_open = false;
  const bool says_why = !squashed.starts_with("epc1=") && !Has(squashed, "ets_main.c");
  if (says_why || Current().fault == BootFault::kNone) Current().log.last_words = clean;
  const bool rom = ReadLoading(line, squashed);
  if (ReadFault(line, squashed) || rom) return;
  const bool console = ReadConsole(line, clean);
  if (console || Current().log.handed_over()) Current().application = true;
}

bool BootLogReader::ReadLoading(std::string_view line, std::string_view squashed) {
  BootAttempt& attempt = Current().log;
  if (Has(squashed, "chksum0x")) {
    if (const auto sum = ByteBehind(line, "chksum0x")) attempt.last_chksum = sum;
    return true;
  }
  if (Has(squashed, "csum0x")) {
    if (const auto sum = ByteBehind(line, "csum0x")) attempt.csum = sum;
    Note(line);
    return true;
  }
  if (squashed.starts_with("load0x") || squashed.starts_with("load:0x")) {
    const auto segment = SegmentOf(line);
    if (segment && attempt.segments.size() < kSegmentsMax) attempt.segments.push_back(*segment);
    return true;
  }
  if (squashed.starts_with("entry0x")) attempt.entered = true;
  return std::any_of(kRomLines.begin(), kRomLines.end(),
                     [&](std::string_view start) { return squashed.starts_with(start); });
}

bool BootLogReader::ReadFault(std::string_view line, std::string_view squashed) {
  if (squashed.starts_with("epc1=")) {
    Note(line);
    return true;
  }
  const BootFault fault = FaultOfLine(squashed);
  if (fault == BootFault::kNone) return false;
  Note(line);
  if (!IsAfterthought(squashed, fault) || Current().fault == BootFault::kNone) {
    Current().fault = fault;
    Current().fault_line = CleanLine(line);
  }
  // Only the image's own code complains about anything but the loading.
  const bool of_rom = fault == BootFault::kChecksum || fault == BootFault::kFlashRead ||
                      fault == BootFault::kNotBootable || fault == BootFault::kWatchdog;
  if (!of_rom) Current().application = true;
  if (line.starts_with(">>>")) log_.prompt = true;
  return true;
}

bool BootLogReader::ReadConsole(std::string_view line, std::string_view clean) {
  if (const std::string_view banner = BannerOf(line); !banner.empty()) {
    log_.banner = CleanLine(banner);
    Note(banner);
    return true;
  }
  if (line.starts_with(">>>") || line.ends_with(">>> ")) {
    log_.prompt = true;
    return true;
  }
  if (clean == "ready") {
    log_.at_ready = true;
    Note(line);
    return true;
  }
  return false;
}

void BootLogReader::Note(std::string_view line) {
  if (log_.evidence.size() == kEvidenceMax) log_.evidence.erase(log_.evidence.begin());
  log_.evidence.push_back(CleanLine(line));
}

bool BootLogReader::Looping() const {
  if (attempts_.size() > kResetsOfALoop) return true;
  for (std::size_t i = 0; i + 1 < attempts_.size(); ++i)
    if (attempts_[i].application && attempts_[i].fault != BootFault::kSizeRepair) return true;
  return false;
}

// The ROM prints both sums before it says what it thinks of them; when its words are missing, the
// numbers still tell.
bool SumsDiffer(const Attempt& attempt) {
  return !attempt.application && attempt.log.csum && attempt.log.last_chksum &&
         *attempt.log.csum != *attempt.log.last_chksum;
}

BootLog BootLogReader::Finish(std::string_view text) {
  // The text may end within the sum's digits: more is to come then.
  const bool complete = text.ends_with('\n') || text.ends_with('\r');
  for (Attempt& attempt : attempts_) {
    const bool readable_sum = complete || &attempt != &Current();
    if (attempt.fault == BootFault::kNone && readable_sum && SumsDiffer(attempt))
      attempt.fault = BootFault::kChecksum;
    const bool better = attempt.fault != BootFault::kWatchdog || log_.fault == BootFault::kNone;
    if (attempt.fault == BootFault::kNone || !better) continue;
    log_.fault = attempt.fault;
    log_.fault_line = std::move(attempt.fault_line);
  }
  log_.looping = Looping();
  if (log_.looping && log_.fault == BootFault::kNone) log_.fault = BootFault::kUnknown;
  log_.download_mode = Current().log.boot_mode == 1;
  const Readability readability = Measure(text);
  log_.garbage =
      readability.characters >= 8 && readability.unreadable * 3 >= readability.characters;
  for (std::size_t i = 1; i < attempts_.size(); ++i)
    log_.attempts.push_back(std::move(attempts_[i].log));
  return std::move(log_);
}

}  // namespace

std::string_view BootFaultName(BootFault fault) {
  switch (fault) {
    case BootFault::kNone:
      return "none";
    case BootFault::kInitDataMissing:
      return "init data missing";
    case BootFault::kInitDataWrong:
      return "init data wrong";
    case BootFault::kSystemParams:
      return "system parameters wrong";
    case BootFault::kException:
      return "exception";
    case BootFault::kChecksum:
      return "checksum error";
    case BootFault::kNotBootable:
      return "not bootable";
    case BootFault::kFlashRead:
      return "flash read error";
    case BootFault::kWatchdog:
      return "watchdog reset";
    case BootFault::kSizeRepair:
      return "flash size repair";
    case BootFault::kUnknown:
      break;
  }
  return "unknown";
}

BootLog ReadBootLog(ByteSpan heard) {
  const std::string_view text = AsText(heard);
  BootLogReader reader;
  for (const std::string_view line : SplitLines(text)) reader.ReadLine(line);
  return reader.Finish(text);
}

}  // namespace lastgood
