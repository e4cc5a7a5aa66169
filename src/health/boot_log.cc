// SPDX-License-Identifier: MIT
// Rules of this reader (protocol reference, sections 12.1 to 12.3):
//  - A reset line opens an attempt; its two halves ("ets Jan …" and "rst cause …") may come alone.
//  - Within an attempt the last telling line names the fault: a board that complains about its
//    parameters and then finds no init data has an init data problem.
//  - Some lines tell only when nothing better does (fault_line.h): "ets_main.c" is where the ROM
//    stops whatever the reason, and "wdt reset" is printed after the fact by the next attempt.
//  - A reset by which MicroPython up to 1.8.6 mends its flash size is no fault until it repeats.
#include "health/boot_log.h"

#include <algorithm>
#include <array>
#include <utility>

#include "health/fault_line.h"
#include "health/pasted_line.h"
#include "health/readable_text.h"

namespace lastgood {
namespace {

constexpr std::size_t kEvidenceMax = 8;
constexpr std::size_t kSegmentsMax = 16;
constexpr std::size_t kNoiseOfAReset = 16;  // behind a prompt: the ROM's text at another rate
constexpr std::size_t kPieceMax = 1024;     // of a line without an end: noise, as a rule

// What the ROM prints while it loads, besides the lines that are read for their numbers.
constexpr std::array<std::string_view, 9> kRomLines = {"tail",    "ho0",      "configsip",
                                                       "clk_drv", "mode:",    "entry0x",
                                                       "spiwp",   "savedpc:", "waitingfordownload"};

// What an SDK says without anybody's program running.
constexpr std::array<std::string_view, 21> kSdkLines = {"#",
                                                        "bcn0",
                                                        "delif",
                                                        "addif",
                                                        "usl",
                                                        "phyver",
                                                        "pmopen",
                                                        "sleepdisable",
                                                        "sleepenable",
                                                        "~ld",
                                                        "mismatchmap",
                                                        "bootnotset",
                                                        "writinginitdata",
                                                        "system_partition_table",
                                                        "rebooting...",
                                                        "ota1notset",
                                                        "systemspifisize",
                                                        "freqtraceenable",
                                                        "rfcalsector",
                                                        "rf[",
                                                        "ota2notset"};

// Arduino's core for the ESP8266 shows its stack behind "Soft WDT reset".
constexpr std::array<std::string_view, 6> kStackLines = {"ctx:",     "sp:",  ">>>stack",
                                                         "<<<stack", "3ffe", "3fff"};

bool Has(std::string_view squashed, std::string_view pattern) {
  return squashed.find(pattern) != std::string_view::npos;
}

template <std::size_t kSize>
bool StartsWithOneOf(std::string_view squashed, const std::array<std::string_view, kSize>& starts) {
  return std::any_of(starts.begin(), starts.end(),
                     [&](std::string_view start) { return squashed.starts_with(start); });
}

std::string_view BannerOf(std::string_view line) {
  const std::size_t begin = line.find("MicroPython ");
  if (begin == std::string_view::npos || line.find(" on ", begin) == std::string_view::npos)
    return {};
  return line.substr(begin);
}

std::string_view Trimmed(std::string_view words) {
  return words.substr(0, words.find_last_not_of(" \t") + 1);
}

bool EndsWithPrompt(std::string_view words) {
  const std::string_view trimmed = Trimmed(words);
  return trimmed.ends_with(">>>") && !Has(trimmed.substr(0, trimmed.size() - 3), ">");
}

// Of MicroPython's kind. ">>>stack>>>" and ">>>>>>>" are none; where there is much noise, its blank
// may be lost.
bool IsPrompt(std::string_view words, bool noisy = false) {
  if (words.starts_with(">>> ") || Trimmed(words) == ">>>") return true;
  return EndsWithPrompt(words) && (noisy || words.ends_with(' '));
}

std::optional<std::uint32_t> NumberBehind(std::string_view line, std::string_view label, int base) {
  const auto match = FindLoose(line, label);
  return match ? NumberAt(line, match->end, base) : std::nullopt;
}

std::optional<std::uint8_t> ByteBehind(std::string_view line, std::string_view label) {
  const auto value = NumberBehind(line, label, 16);
  return value && *value <= 0xff ? std::optional(static_cast<std::uint8_t>(*value)) : std::nullopt;
}

// "load 0x40100000, len 31264, room 16", or "load:0x3fff0030,len:1184" of the ESP32 family, whose
// newer ROMs write the length as "0x4a0".
std::optional<BootSegment> SegmentOf(std::string_view line) {
  const auto length = FindLoose(line, "len");
  if (!length) return std::nullopt;
  std::size_t at = length->end + (line.substr(length->end).starts_with(':') ? 1 : 0);
  const bool hexadecimal = line.substr(at).starts_with("0x");
  if (hexadecimal) at += 2;
  const auto address = NumberAt(line, line.find('x') + 1, 16);
  const auto size = NumberAt(line, at, hexadecimal ? 16 : 10);
  if (!address || !size) return std::nullopt;
  return BootSegment{*address, *size};
}

// Flash as the application sees it, by no chip's ROM a place to load to. ESP8266: 0x40200000 on;
// ESP32: 0x3f400000 and 0x400d0000; S3, C3 and their kin: 0x3c000000 and 0x42000000.
bool IsFlashMapped(std::uint32_t address, bool family) {
  const auto within = [&](std::uint32_t begin, std::uint32_t end) {
    return address >= begin && address < end;
  };
  if (!family) return within(0x40200000, 0x40300000);
  return within(0x3c000000, 0x3e000000) || within(0x3f400000, 0x3f800000) ||
         within(0x400d0000, 0x40380000) || within(0x42000000, 0x44000000);
}

class BootLogReader {
 public:
  void ReadLine(std::string_view raw);
  BootLog Finish(std::string_view text);

 private:
  void ReadWords(std::string_view words, const Readability& readability);
  void StartAttempt(std::string_view line);
  void ReadOutput(std::string_view words, const Readability& readability);
  bool ReadLoading(std::string_view line, std::string_view squashed);
  bool ReadSums(std::string_view line, std::string_view squashed);
  bool ReadCrash(std::string_view line, std::string_view squashed);
  bool ReadFault(std::string_view line, std::string_view squashed);
  void ReadDetails(std::string_view line, std::string_view squashed);
  bool ReadConsole(std::string_view line, std::string_view clean, const Readability& readability);
  void Greet();
  void GreetWithPrompt(std::string_view words, const Readability& readability);
  void ReadTalk(std::string_view squashed, const Readability& readability);
  void SetFault(BootFault fault, std::string_view line);
  void SetPending(BootFault fault, std::string_view line);
  void Note(std::string_view line);
  BootAttempt& Current() { return attempts_.back(); }
  void Conclude(std::string_view text);
  void ChooseFault();
  std::vector<std::string> Evidence() const;
  bool Looping() const;

  BootLog log_;
  std::vector<BootAttempt> attempts_{1};  // the first: what was heard before any reset line
  bool of_arduino_ = false;               // its boot loader has spoken: "ready" is a program's word
  bool reset_line_open_ = false;          // nothing but (half of) a reset line so far
  std::size_t noise_behind_console_ = 0;
  std::size_t faulty_ = 0;  // the attempt that gave the log its fault
};

void BootLogReader::ReadLine(std::string_view raw) {
  while (!raw.empty()) {
    const std::string_view piece = raw.substr(0, kPieceMax);
    ReadWords(OwnWords(piece), Measure(piece));
    raw.remove_prefix(piece.size());
  }
}

void BootLogReader::ReadWords(std::string_view words, const Readability& readability) {
  const bool may_reset = MayHaveReset(Squash(words));
  const std::size_t reset = may_reset ? FindResetLine(words, 0) : words.size();
  if (reset > 0 || !may_reset) ReadOutput(words.substr(0, reset), readability);
  if (noise_behind_console_ >= kNoiseOfAReset) Current().up = false;
  for (std::size_t at = reset; at < words.size();) {
    const std::size_t next = EndOfResetLine(words, at);
    StartAttempt(words.substr(at, next - at));
    at = next;
  }
}

void BootLogReader::StartAttempt(std::string_view line) {
  if (!reset_line_open_ || HasDate(line)) attempts_.emplace_back();
  reset_line_open_ = !TellsCause(line);
  of_arduino_ = false;
  ResetLine reset = ReadResetLine(line);
  BootAttempt& attempt = Current();
  attempt.reset_cause = reset.cause;
  attempt.reset_name = std::move(reset.name);
  attempt.reset_kind = reset.kind;
  attempt.boot_mode = reset.boot_mode;
  attempt.boot_digit = reset.boot_digit;
  attempt.boot_word = reset.boot_word;
  attempt.boot_text = std::move(reset.boot_text);
  attempt.reset_line = CleanLine(line);
  Note(line);
}

void BootLogReader::ReadOutput(std::string_view words, const Readability& readability) {
  const std::string squashed = Squash(words);
  const std::string clean = CleanLine(words);
  Current().noise += readability.noise();
  noise_behind_console_ += readability.noise();
  if (clean.size() < 3 || readability.IsNoise()) {
    // Too short or too noisy to be anybody's words; a prompt behind noise is still one.
    if (IsPrompt(words, true)) GreetWithPrompt(words, readability);
    return;
  }
  // A build date stands between the halves of the newer chips' reset lines.
  if (reset_line_open_ && squashed.starts_with("build:")) return;
  reset_line_open_ = false;
  const bool rom = ReadLoading(words, squashed);
  if (rom) Current().up = false;  // a start whose reset line was lost
  if (ReadCrash(words, squashed)) return;
  const bool died = KindOf(Current().fault) == FaultKind::kCrashed;
  const bool stopped = Has(squashed, "ets_main.c") && Current().fault != BootFault::kNone;
  if (!died && !stopped) Current().last_words = clean;
  if (ReadFault(words, squashed) || rom) return;
  if (ReadSecondStage(words, Current().second_stage)) {
    if (Has(squashed, "jumptorun")) Note(words);
    return;
  }
  const bool console = ReadConsole(words, clean, readability);
  if (console || Current().handed_over()) Current().application = true;
  if (!console) ReadTalk(squashed, readability);
}

bool BootLogReader::ReadLoading(std::string_view line, std::string_view squashed) {
  if (ReadSums(line, squashed)) return true;
  BootAttempt& attempt = Current();
  if (squashed.starts_with("load0x") || squashed.starts_with("load:0x")) {
    const auto segment = SegmentOf(line);
    if (!segment) return true;
    if (attempt.segments.size() < kSegmentsMax) attempt.segments.push_back(*segment);
    if (IsFlashMapped(segment->address, squashed[4] == ':')) {
      SetFault(BootFault::kAppAtBoot, line);
      Note(line);
    }
    return true;
  }
  if (squashed.starts_with("entry0x")) attempt.entered = true;
  return StartsWithOneOf(squashed, kRomLines);
}

bool BootLogReader::ReadSums(std::string_view line, std::string_view squashed) {
  BootAttempt& attempt = Current();
  if (Has(squashed, "chksum0x")) {
    if (const auto sum = ByteBehind(line, "chksum0x")) attempt.last_chksum = sum;
    return true;
  }
  if (!Has(squashed, "csum0x")) return false;
  if (const auto sum = ByteBehind(line, "csum0x")) attempt.csum = sum;
  Note(line);
  return true;
}

// The rest of a report; a register dump whose first line is lost is a crash too.
bool BootLogReader::ReadCrash(std::string_view line, std::string_view squashed) {
  BootAttempt& attempt = Current();
  if (!attempt.crash) {
    if (!IsOfCrash(squashed)) return false;
    attempt.crash.emplace();
    ++attempt.crashes;
    attempt.up = false;
    attempt.application = true;
    SetFault(BootFault::kException, line);
  } else if (ReadFaultLine(squashed).fault != BootFault::kNone) {
    return false;
  }
  const std::size_t registers = attempt.crash->registers.size();
  if (!ContinueCrash(line, *attempt.crash)) return false;
  const bool first = registers == 0 && !attempt.crash->registers.empty();
  if (first || Has(squashed, "backtrace:")) Note(line);
  return true;
}

bool BootLogReader::ReadFault(std::string_view line, std::string_view squashed) {
  const FaultLine found = ReadFaultLine(squashed);
  if (found.fault == BootFault::kNone) return false;
  BootAttempt& attempt = Current();
  Note(line);
  ReadSecondStage(line, attempt.second_stage);
  ReadDetails(line, squashed);
  if (found.weight == FaultWeight::kPending) {
    // The second stage has the word: nothing of the application was heard before.
    if (Has(squashed, "isnotbootable")) attempt.talk = 0;
    SetPending(found.fault, line);
    return true;
  }
  const bool weak = found.weight == FaultWeight::kWeak;
  if (weak && attempt.fault == BootFault::kNone && attempt.pending != BootFault::kNone)
    attempt.fault = attempt.pending;
  // abort() is how some that have said why end themselves.
  const bool afterthought =
      weak || found.fault == BootFault::kWatchdog || found.fault == BootFault::kAbort;
  const bool untold = attempt.fault == BootFault::kNone || attempt.fault == BootFault::kWatchdog;
  // The ROM has read a header where it has loaded a segment, and stumbles over the next.
  const bool stumbles = Has(squashed, "ets_loader.c") && !attempt.segments.empty();
  if (!afterthought || untold) SetFault(stumbles ? BootFault::kHeaderWrong : found.fault, line);
  const FaultKind kind = KindOf(found.fault);
  if (kind == FaultKind::kCrashed) {
    if (found.fault == BootFault::kException || attempt.crashes == 0) ++attempt.crashes;
    if (found.fault == BootFault::kException || !attempt.crash) attempt.crash.emplace();
    BeginCrash(line, *attempt.crash);
  }
  // What a software watchdog ends is over, whatever it said.
  if (kind == FaultKind::kWatchdog) attempt.talk = 0;
  // Only the image's own code complains about anything but the loading.
  if (kind == FaultKind::kCrashed || kind == FaultKind::kRestarts ||
      found.fault == BootFault::kUnknown)
    attempt.application = true;
  if (IsPrompt(line.substr(0, 4))) log_.prompt = true;
  attempt.up = false;
  return true;
}

void BootLogReader::ReadDetails(std::string_view line, std::string_view squashed) {
  BootAttempt& attempt = Current();
  if (Has(squashed, "!=0x05")) {
    if (const auto value = ByteBehind(line, "is0x")) attempt.rf_cal = value;
  } else if (Has(squashed, "invalidheader:")) {
    attempt.invalid_header = NumberBehind(line, "header:0x", 16);
  } else if (Has(squashed, "flashreaderr,")) {
    attempt.flash_read_error = NumberBehind(line, "readerr,", 10);
  } else if (Has(squashed, "fallingbackto")) {
    attempt.rom_basic = true;
  }
}

bool BootLogReader::ReadConsole(std::string_view line, std::string_view clean,
                                const Readability& readability) {
  if (const std::string_view banner = BannerOf(line); !banner.empty()) {
    log_.banner = CleanLine(banner);
    Greet();
    Note(banner);
    return true;
  }
  if (IsPrompt(line)) {
    GreetWithPrompt(line, readability);
    return true;
  }
  if (clean == "ready" && !of_arduino_) {
    log_.at_ready = true;
    Greet();
    Note(line);
    return true;
  }
  return false;
}

void BootLogReader::Greet() {
  Current().up = true;
  noise_behind_console_ = 0;
}

void BootLogReader::GreetWithPrompt(std::string_view words, const Readability& readability) {
  log_.prompt = Current().prompted = true;
  Greet();
  if (!EndsWithPrompt(words)) noise_behind_console_ = readability.noise();
}

void BootLogReader::ReadTalk(std::string_view squashed, const Readability& readability) {
  BootAttempt& attempt = Current();
  if (squashed == "writinginitdata") attempt.writes_init_data = true;
  if (squashed == "~ld") {
    of_arduino_ = true;
    attempt.talk = 0;  // what was said before were its version and no more
  }
  const bool expected = attempt.handed_over() || attempt.second_stage.seen || attempts_.size() == 1;
  const bool died =
      KindOf(attempt.fault) == FaultKind::kCrashed ||
      (attempt.fault == BootFault::kWatchdog && StartsWithOneOf(squashed, kStackLines));
  const bool clear = squashed.size() >= 4 && readability.unreadable * 10 <= readability.characters;
  if (expected && !died && clear && !StartsWithOneOf(squashed, kSdkLines)) ++attempt.talk;
}

void BootLogReader::SetFault(BootFault fault, std::string_view line) {
  Current().fault = fault;
  Current().fault_line = CleanLine(line);
}

// That a slot has no application is what remains of any trouble with it.
void BootLogReader::SetPending(BootFault fault, std::string_view line) {
  BootAttempt& attempt = Current();
  if (attempt.pending != BootFault::kNone && fault == BootFault::kNoApp) return;
  attempt.pending = fault;
  if (attempt.fault == BootFault::kNone) attempt.fault_line = CleanLine(line);
}

// The same line over and over tells no more than once.
void BootLogReader::Note(std::string_view line) {
  std::vector<std::string>& evidence = Current().evidence;
  std::string clean = CleanLine(line);
  if (!evidence.empty() && evidence.back() == clean) return;
  if (evidence.size() == kEvidenceMax) evidence.erase(evidence.begin() + 1);
  evidence.push_back(std::move(clean));
}

bool BootLogReader::Looping() const {
  if (log_.starts >= kResetsOfALoop) return true;
  for (std::size_t i = 0; i + 1 < attempts_.size(); ++i) {
    const bool woke = attempts_[i + 1].reset_kind == ResetKind::kDeepSleep;
    if (attempts_[i].application && attempts_[i].fault != BootFault::kSizeRepair && !woke)
      return true;
  }
  return false;
}

// The ROM prints both sums before it says what it thinks of them; when its words are missing, the
// numbers still tell.
bool SumsDiffer(const BootAttempt& attempt) {
  return !attempt.application && !attempt.second_stage.seen && attempt.csum &&
         attempt.last_chksum && *attempt.csum != *attempt.last_chksum;
}

void BootLogReader::Conclude(std::string_view text) {
  // The text may end within the sum's digits: more is to come then.
  const bool complete = text.ends_with('\n') || text.ends_with('\r');
  for (std::size_t i = 0; i < attempts_.size(); ++i) {
    BootAttempt& attempt = attempts_[i];
    const bool last = i + 1 == attempts_.size();
    if (attempt.fault != BootFault::kNone) continue;
    if ((complete || !last) && SumsDiffer(attempt))
      attempt.fault = BootFault::kChecksum;
    else if (!last && !attempt.up)
      attempt.fault = attempt.pending;
    if (last || attempt.fault != BootFault::kNone) continue;
    // Why the chip was reset before anything was heard tells of something that is over.
    if (i == 0 && !attempt.application) continue;
    const ResetKind next = attempts_[i + 1].reset_kind;
    if (next == ResetKind::kBrownout) attempt.fault = BootFault::kBrownout;
    if (next == ResetKind::kWatchdog) attempt.fault = BootFault::kWatchdog;
  }
}

void BootLogReader::ChooseFault() {
  for (std::size_t i = 0; i < attempts_.size(); ++i) {
    const BootFault fault = attempts_[i].fault;
    if (fault == BootFault::kNone || log_.fault == BootFault::kBrownout) continue;
    if (fault == BootFault::kWatchdog && log_.fault != BootFault::kNone) continue;
    log_.fault = fault;
    log_.fault_line = attempts_[i].fault_line;
    faulty_ = i;
  }
}

// What led to the fault, up to the reset that followed it; of a good start, what it said.
std::vector<std::string> BootLogReader::Evidence() const {
  const bool faulty = log_.fault != BootFault::kNone;
  const std::size_t end = faulty ? faulty_ + 1 : attempts_.size();
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < end; ++i)
    lines.insert(lines.end(), attempts_[i].evidence.begin(), attempts_[i].evidence.end());
  if (end < attempts_.size()) lines.push_back(attempts_[end].reset_line);
  if (lines.size() > kEvidenceMax)
    lines.erase(lines.begin(), lines.end() - static_cast<std::ptrdiff_t>(kEvidenceMax));
  return lines;
}

BootLog BootLogReader::Finish(std::string_view text) {
  log_.starts = static_cast<std::size_t>(std::count_if(
      attempts_.begin() + 1, attempts_.end(),
      [](const BootAttempt& attempt) { return attempt.reset_kind != ResetKind::kDeepSleep; }));
  Conclude(text);
  ChooseFault();
  log_.evidence = Evidence();
  log_.looping = Looping();
  if (log_.looping && log_.fault == BootFault::kNone) log_.fault = BootFault::kUnknown;
  const bool cut_short = attempts_.size() > 1 && Current().cut_short();
  log_.download_mode = attempts_[attempts_.size() - (cut_short ? 2 : 1)].boot_mode == 1;
  const Readability readability = Measure(text);
  log_.garbage = readability.characters >= 8 && readability.noise() * 3 >= readability.characters;
  log_.before = std::move(attempts_.front());
  attempts_.erase(attempts_.begin());
  log_.attempts = std::move(attempts_);
  return std::move(log_);
}

}  // namespace

BootLog ReadBootLog(ByteSpan heard) {
  const std::string_view text = AsText(heard);
  BootLogReader reader;
  for (const std::string_view line : SplitLines(text)) reader.ReadLine(line);
  return reader.Finish(text);
}

}  // namespace lastgood
