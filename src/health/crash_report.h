// SPDX-License-Identifier: MIT
// What firmware says of its own death: the exceptions of the ESP8266, the panics of ESP-IDF on
// Xtensa and RISC-V, abort() and failed assertions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lastgood {

struct CrashRegister {
  std::string name;  // lower case: "epc1", "excvaddr", "mepc", "a0"
  std::uint32_t value = 0;
};

struct CrashReport {
  int number = -1;   // of an ESP8266's exception
  std::string name;  // "load prohibited", "LoadProhibited", "abort"; empty when not known
  int core = -1;
  std::vector<CrashRegister> registers;  // at most 64
  std::string backtrace;                 // as it was printed, at most 256 octets

  std::optional<std::uint32_t> Register(std::string_view register_name) const;
  std::optional<std::uint32_t> ProgramCounter() const;
  std::optional<std::uint32_t> Address() const;  // which it was to access
};

// What a number means to an Xtensa core; empty when it is none of its causes.
std::string_view ExceptionName(int number);

// Reads the line that begins a report: "Fatal exception (28):", "abort() was called at PC …".
void BeginCrash(std::string_view line, CrashReport& crash);

// Reads on in a line behind it; false: the line is no part of a report.
bool ContinueCrash(std::string_view line, CrashReport& crash);

// Whether a line alone, without the one before it, can only be of a report: "epc1=0x…".
bool IsOfCrash(std::string_view squashed);

// "exception 28, load prohibited, at 0x40214d8b, address 0x00000009"; empty when nothing is known.
std::string DescribeCrash(const CrashReport& crash);

}  // namespace lastgood
