// SPDX-License-Identifier: MIT
#include "health/crash_report.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "health/readable_text.h"

namespace lastgood {
namespace {

constexpr std::size_t kRegistersMax = 64;
constexpr std::size_t kBacktraceMax = 256;
constexpr std::size_t kRegisterNameMax = 10;

struct Exception {
  int number;
  std::string_view name;
};

// The causes of the Xtensa architecture that a program can meet.
constexpr std::array kExceptions = {
    Exception{0, "illegal instruction"},
    Exception{1, "system call"},
    Exception{2, "instruction fetch error"},
    Exception{3, "load or store error"},
    Exception{4, "level 1 interrupt"},
    Exception{5, "alloca"},
    Exception{6, "division by zero"},
    Exception{8, "privileged instruction"},
    Exception{9, "unaligned load or store"},
    Exception{12, "instruction fetch data error"},
    Exception{13, "load or store data error"},
    Exception{14, "instruction fetch address error"},
    Exception{15, "load or store address error"},
    Exception{20, "instruction fetch prohibited"},
    Exception{28, "load prohibited"},
    Exception{29, "store prohibited"},
};

// What else stands in a report, without a register in it.
constexpr std::array<std::string_view, 10> kDumpStarts = {
    "ctx:",    "sp:",         ">>>stack>>>", "<<<stack<<<", "rebooting...",
    "elffile", "stackmemory", "debugexcep",  "laststore",   "coredump"};

// All in one line; two of them, with values, are enough to know it by.
constexpr std::array<std::string_view, 5> kEsp8266Registers = {"epc1", "epc2", "epc3", "excvaddr",
                                                               "depc"};

bool IsNameCharacter(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; }

bool IsBlank(char c) { return c == ' ' || c == '\t'; }

// The name that ends where `line` ends, blanks aside.
std::string NameBefore(std::string_view line) {
  while (!line.empty() && IsBlank(line.back())) line.remove_suffix(1);
  std::size_t begin = line.size();
  while (begin > 0 && IsNameCharacter(line[begin - 1])) --begin;
  return Squash(line.substr(begin));
}

// "epc1=0x40214d8b, epc2=…", "PC      : 0x400d1f3e  PS      : 0x00060530".
bool ReadRegisters(std::string_view line, CrashReport& crash) {
  bool any = false;
  for (std::size_t at = line.find_first_of(":="); at != std::string_view::npos;
       at = line.find_first_of(":=", at + 1)) {
    const std::string name = NameBefore(line.substr(0, at));
    std::size_t value_at = at + 1;
    while (value_at < line.size() && IsBlank(line[value_at])) ++value_at;
    if (name.empty() || name.size() > kRegisterNameMax ||
        !ContainsLoose(line.substr(value_at, 2), "0x"))
      continue;
    const auto value = NumberAt(line, value_at + 2, 16);
    if (!value) continue;
    any = true;
    if (crash.registers.size() < kRegistersMax) crash.registers.push_back({name, *value});
  }
  return any;
}

// "3ffffd60:  40233540 00000138 …": memory, without 0x.
bool IsMemoryLine(std::string_view squashed) {
  return squashed.size() > 9 && squashed[8] == ':' &&
         squashed.find_first_not_of("0123456789abcdef:") == std::string_view::npos;
}

// What stands in parentheses behind "panic'ed", or behind "of type" in older versions.
std::string PanicName(std::string_view line) {
  if (const auto match = FindLoose(line, "panic'ed(")) {
    // "(Interrupt wdt timeout on CPU0). " and "(LoadProhibited). Exception was unhandled."
    const std::size_t end = std::min(line.find(')', match->end), line.size());
    return std::string(line.substr(match->end, end - match->end));
  }
  if (const auto match = FindLoose(line, "oftype")) {
    const std::string_view rest = line.substr(match->end);
    const std::size_t begin = std::min(rest.find_first_not_of(' '), rest.size());
    return std::string(rest.substr(begin, rest.find(' ', begin) - begin));
  }
  return {};
}

void ReadNumber(std::string_view line, CrashReport& crash) {
  const auto match = FindLoose(line, "exception");
  if (!match) return;
  const std::size_t digits = line.find_first_of("0123456789", match->end);
  if (digits == std::string_view::npos) return;
  const auto number = NumberAt(line, digits, 10);
  if (!number || *number > 63) return;
  crash.number = static_cast<int>(*number);
  crash.name = std::string(ExceptionName(crash.number));
}

}  // namespace

std::optional<std::uint32_t> CrashReport::Register(std::string_view register_name) const {
  const auto found =
      std::find_if(registers.begin(), registers.end(),
                   [&](const CrashRegister& entry) { return entry.name == register_name; });
  return found == registers.end() ? std::nullopt : std::optional(found->value);
}

std::optional<std::uint32_t> CrashReport::ProgramCounter() const {
  for (const std::string_view register_name : {"epc1", "pc", "mepc"})
    if (const auto value = Register(register_name)) return value;
  return std::nullopt;
}

std::optional<std::uint32_t> CrashReport::Address() const {
  for (const std::string_view register_name : {"excvaddr", "mtval"})
    if (const auto value = Register(register_name)) return value;
  return std::nullopt;
}

std::string_view ExceptionName(int number) {
  const auto found =
      std::find_if(kExceptions.begin(), kExceptions.end(),
                   [&](const Exception& exception) { return exception.number == number; });
  return found == kExceptions.end() ? std::string_view() : found->name;
}

void BeginCrash(std::string_view line, CrashReport& crash) {
  if (const auto match = FindLoose(line, "gurumeditationerror")) {
    crash.name = PanicName(line.substr(match->begin));
    if (const auto core = FindLoose(line, "core", match->end))
      if (const auto number = NumberAt(line, core->end, 10); number && *number < 8)
        crash.core = static_cast<int>(*number);
    return;
  }
  if (const auto match = FindLoose(line, "abort()wascalledatpc")) {
    crash.name = "abort";
    if (const auto pc = FindLoose(line, "0x", match->end))
      if (const auto value = NumberAt(line, pc->end, 16)) crash.registers.push_back({"pc", *value});
    return;
  }
  if (ContainsLoose(line, "assert")) {
    crash.name = "failed assertion";
    return;
  }
  if (ContainsLoose(line, "stack")) {
    crash.name = "stack overflow";
    return;
  }
  ReadNumber(line, crash);
}

bool ContinueCrash(std::string_view line, CrashReport& crash) {
  const std::string squashed = Squash(line);
  if (const auto match = FindLoose(line, "backtrace:")) {
    const std::string_view rest = line.substr(match->end);
    const std::size_t begin = std::min(rest.find_first_not_of(' '), rest.size());
    crash.backtrace = std::string(rest.substr(begin, kBacktraceMax));
    return true;
  }
  if (ReadRegisters(line, crash) || IsMemoryLine(squashed)) return true;
  if (squashed.find("registerdump") != std::string::npos) return true;
  return std::any_of(kDumpStarts.begin(), kDumpStarts.end(),
                     [&](std::string_view start) { return squashed.starts_with(start); });
}

bool IsOfCrash(std::string_view squashed) {
  const auto has = [&](std::string_view words) {
    return squashed.find(words) != std::string_view::npos;
  };
  const auto registers = std::count_if(kEsp8266Registers.begin(), kEsp8266Registers.end(), has);
  return (registers >= 2 && has("=0x")) || has("registerdump:") || has("mepc:0x") ||
         squashed.starts_with("backtrace:0x");
}

std::string DescribeCrash(const CrashReport& crash) {
  std::string text;
  const auto add = [&](const std::string& part) {
    if (!text.empty()) text += ", ";
    text += part;
  };
  if (crash.number >= 0) add(fmt::format("exception {}", crash.number));
  if (!crash.name.empty()) add(crash.name);
  if (crash.core >= 0) add(fmt::format("core {}", crash.core));
  if (const auto pc = crash.ProgramCounter()) add(fmt::format("at 0x{:08x}", *pc));
  if (const auto address = crash.Address()) add(fmt::format("address 0x{:08x}", *address));
  return text;
}

}  // namespace lastgood
