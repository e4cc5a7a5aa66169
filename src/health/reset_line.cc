// SPDX-License-Identifier: MIT
#include "health/reset_line.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "health/readable_text.h"

namespace lastgood {
namespace {

constexpr std::array<std::string_view, 4> kRomDates = {"etsjan8", "etsjun8", "etsjul29",
                                                       "esp-rom:"};

struct Cause {
  int number;
  std::string_view name;
  ResetKind kind;
};

constexpr std::array kEsp8266Causes = {
    Cause{0, "no cause", ResetKind::kUnknown},
    Cause{1, "power on", ResetKind::kPowerOn},
    Cause{2, "external reset", ResetKind::kExternal},
    Cause{3, "software reset", ResetKind::kSoftware},
    Cause{4, "hardware watchdog", ResetKind::kWatchdog},
    Cause{5, "deep sleep", ResetKind::kDeepSleep},
    Cause{6, "deep sleep", ResetKind::kDeepSleep},
};

// The chips print names of their own beside these numbers, which agree.
constexpr std::array kFamilyCauses = {
    Cause{0x01, "POWERON_RESET", ResetKind::kPowerOn},
    Cause{0x03, "SW_RESET", ResetKind::kSoftware},
    Cause{0x04, "OWDT_RESET", ResetKind::kWatchdog},
    Cause{0x05, "DEEPSLEEP_RESET", ResetKind::kDeepSleep},
    Cause{0x06, "SDIO_RESET", ResetKind::kExternal},
    Cause{0x07, "TG0WDT_SYS_RESET", ResetKind::kWatchdog},
    Cause{0x08, "TG1WDT_SYS_RESET", ResetKind::kWatchdog},
    Cause{0x09, "RTCWDT_SYS_RESET", ResetKind::kWatchdog},
    Cause{0x0b, "TGWDT_CPU_RESET", ResetKind::kWatchdog},
    Cause{0x0c, "SW_CPU_RESET", ResetKind::kSoftware},
    Cause{0x0d, "RTCWDT_CPU_RESET", ResetKind::kWatchdog},
    Cause{0x0e, "EXT_CPU_RESET", ResetKind::kExternal},
    Cause{0x0f, "RTCWDT_BROWN_OUT_RESET", ResetKind::kBrownout},
    Cause{0x10, "RTCWDT_RTC_RESET", ResetKind::kWatchdog},
    Cause{0x11, "TG1WDT_CPU_RESET", ResetKind::kWatchdog},
    Cause{0x12, "SUPER_WDT_RESET", ResetKind::kWatchdog},
    Cause{0x13, "GLITCH_RTC_RESET", ResetKind::kBrownout},
    Cause{0x14, "EFUSE_RESET", ResetKind::kUnknown},
    Cause{0x15, "USB_UART_CHIP_RESET", ResetKind::kExternal},
    Cause{0x16, "USB_JTAG_CHIP_RESET", ResetKind::kExternal},
};

bool IsWord(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

// Not at the end of a word: "first:0x12" is none.
std::optional<LooseMatch> FindWord(std::string_view line, std::string_view pattern,
                                   std::size_t from) {
  const auto match = FindLoose(line, pattern, from);
  const bool at_word = match && (match->begin == 0 || !IsWord(line[match->begin - 1]));
  return at_word ? match : std::nullopt;
}

std::size_t FindDate(std::string_view line, std::size_t from) {
  std::size_t first = line.size();
  for (const std::string_view date : kRomDates)
    if (const auto match = FindLoose(line, date, from)) first = std::min(first, match->begin);
  return first;
}

struct CauseMatch {
  LooseMatch match;
  bool family = false;
};

std::optional<CauseMatch> FindCause(std::string_view line, std::size_t from = 0) {
  if (const auto match = FindLoose(line, "rstcause:", from)) return CauseMatch{*match, false};
  if (const auto match = FindWord(line, "rst:0x", from)) return CauseMatch{*match, true};
  return std::nullopt;
}

// The mode alone tells too, when octets of the cause are lost.
std::optional<LooseMatch> FindMode(std::string_view line, std::size_t from) {
  if (auto match = FindLoose(line, "bootmode:(", from)) return match;
  return FindWord(line, "boot:0x", from);
}

// What stands in the parentheses that follow `from`; the outermost, as some have others inside.
std::string Parenthesised(std::string_view line, std::size_t from) {
  const std::size_t open = line.find('(', from);
  if (open == std::string_view::npos) return {};
  int depth = 0;
  for (std::size_t at = open; at < line.size(); ++at) {
    if (line[at] == '(') ++depth;
    if (line[at] == ')' && --depth == 0) return std::string(line.substr(open + 1, at - open - 1));
  }
  return {};
}

template <std::size_t kSize>
const Cause* FindNumber(const std::array<Cause, kSize>& causes, int number) {
  const auto found = std::find_if(causes.begin(), causes.end(),
                                  [&](const Cause& cause) { return cause.number == number; });
  return found == causes.end() ? nullptr : &*found;
}

void ReadCause(std::string_view line, ResetLine& reset) {
  const auto found = FindCause(line);
  if (!found) return;
  const auto number = NumberAt(line, found->match.end, found->family ? 16 : 10);
  if (!number || *number > 0xff) return;
  reset.cause = static_cast<int>(*number);
  const Cause* known = found->family ? FindNumber(kFamilyCauses, reset.cause)
                                     : FindNumber(kEsp8266Causes, reset.cause);
  if (known != nullptr) {
    reset.kind = known->kind;
    reset.name = std::string(known->name);
  }
  if (!found->family) return;
  const std::size_t end = std::min(line.find(',', found->match.end), line.size());
  if (std::string own = Parenthesised(line.substr(0, end), found->match.end); !own.empty())
    reset.name = std::move(own);
}

void ReadMode(std::string_view line, ResetLine& reset) {
  if (const auto match = FindLoose(line, "bootmode:(")) {
    const auto mode = NumberAt(line, match->end, 10);
    if (mode && *mode <= 7) reset.boot_mode = static_cast<int>(*mode);
    const std::size_t comma = line.find(',', match->end);
    if (comma == std::string_view::npos) return;
    const auto digit = NumberAt(line, comma + 1, 10);
    if (digit && *digit <= 7) reset.boot_digit = static_cast<int>(*digit);
    return;
  }
  if (const auto match = FindLoose(line, "boot:0x")) {
    const auto word = NumberAt(line, match->end, 16);
    if (word && *word <= 0xff) reset.boot_word = static_cast<int>(*word);
    reset.boot_text = Parenthesised(line, match->end);
  }
  if (ContainsLoose(line, "download"))
    reset.boot_mode = 1;
  else if (ContainsLoose(line, "flash_boot"))
    reset.boot_mode = 3;
}

}  // namespace

bool MayHaveReset(std::string_view squashed) {
  constexpr std::array<std::string_view, 6> kSigns = {"etsj",      "esp-rom:",  "rst:0x",
                                                      "rstcause:", "bootmode:", "boot:0x"};
  return std::any_of(kSigns.begin(), kSigns.end(), [&](std::string_view sign) {
    return squashed.find(sign) != std::string_view::npos;
  });
}

std::size_t FindResetLine(std::string_view line, std::size_t from) {
  std::size_t first = FindDate(line, from);
  if (const auto found = FindCause(line, from)) first = std::min(first, found->match.begin);
  if (first < line.size() || from > 0) return first;
  // What stands in front of it is what is left of the cause.
  return FindMode(line, 0) ? 0 : first;
}

std::size_t EndOfResetLine(std::string_view line, std::size_t begin) {
  const std::size_t next = FindResetLine(line, begin + 1);
  const bool halves = HasDate(line.substr(begin, next - begin)) && next < line.size() &&
                      FindDate(line, next) != next;
  return halves ? FindResetLine(line, next + 1) : next;
}

bool HasDate(std::string_view line) { return FindDate(line, 0) < line.size(); }

bool TellsCause(std::string_view line) { return FindCause(line) || FindMode(line, 0); }

ResetLine ReadResetLine(std::string_view line) {
  ResetLine reset;
  ReadCause(line, reset);
  ReadMode(line, reset);
  return reset;
}

}  // namespace lastgood
