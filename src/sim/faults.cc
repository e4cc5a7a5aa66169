// SPDX-License-Identifier: MIT
#include "sim/faults.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>

#include "sim/simulated_board.h"

namespace lastgood::sim {
namespace {

struct FaultRow {
  std::string_view name;
  std::string_view explanation;
  std::uint32_t default_value;  // 0: a number must be given
  std::uint32_t smallest = 1;
};

constexpr FaultRow kFaults[] = {
    {"busy-main",
     "busy-main  main.py never returns and says nothing; Ctrl-C stops it until the next reset", 1},
    {"console-baud", "console-baud:N  the application's console runs at N baud, not at 115200", 0,
     300},
    {"corrupt-byte", "corrupt-byte:N  one bit flips in about one of N octets to the board", 0},
    {"lost-ack", "lost-ack:N  the answer to the N-th data block is never sent, once", 0},
    {"lost-byte", "lost-byte:N  about one of N octets to the board is lost", 0},
    {"no-stub", "no-stub  a stub loader that was uploaded never starts", 1},
    {"noise-before-sync",
     "noise-before-sync[:N]  N octets of noise (32) before the first answer after a reset", 32},
    {"raw-paste-silent",
     "raw-paste-silent  the REPL accepts raw-paste, then says nothing until Ctrl-C", 1},
    {"reset-mid-write",
     "reset-mid-write:N  the chip resets itself while it writes the N-th data "
     "block, once",
     0},
    {"restart-after-prompt",
     "restart-after-prompt:MS  the application restarts itself once, MS ms after it started behind "
     "a "
     "reset by its pin",
     0},
    {"silent-after", "silent-after:N  after each reset the loader answers N requests, then nothing",
     0, 0},
    {"slow-reset", "slow-reset[:MS]  a reset pulse shorter than MS (300) ms is not seen", 300},
    {"stuck-sector", "stuck-sector:S  sector S can be erased but not programmed", 0, 0},
    {"vanish-after",
     "vanish-after:N  the serial device is gone once N octets went to the board, until opened "
     "again",
     0},
};

const FaultRow* FindFault(std::string_view name) {
  const auto* row = std::find_if(std::begin(kFaults), std::end(kFaults),
                                 [name](const FaultRow& fault) { return fault.name == name; });
  return row == std::end(kFaults) ? nullptr : row;
}

std::string KnownFaults() {
  std::string names;
  for (const FaultRow& row : kFaults)
    names += fmt::format("{}{}", names.empty() ? "" : ", ", row.name);
  return "faults are " + names;
}

}  // namespace

std::map<std::string, std::string> FaultNames() {
  std::map<std::string, std::string> names;
  for (const FaultRow& row : kFaults) names.emplace(row.name, row.explanation);
  return names;
}

Result<void> AddFault(std::string_view text, std::map<std::string, std::uint32_t>& faults) {
  const std::size_t colon = text.find(':');
  const std::string_view name = text.substr(0, colon);
  const FaultRow* row = FindFault(name);
  if (row == nullptr)
    return Fail(ExitCode::kUsage, fmt::format("unknown fault '{}'", name), KnownFaults());
  std::uint32_t value = row->default_value;
  if (colon != std::string_view::npos) {
    const std::string_view number = text.substr(colon + 1);
    const char* const last = number.data() + number.size();
    const auto [end, error] = std::from_chars(number.data(), last, value);
    if (error != std::errc() || end != last || value < row->smallest)
      return Fail(ExitCode::kUsage, fmt::format("fault '{}' cannot take '{}'", name, number),
                  std::string(row->explanation));
  } else if (value == 0) {
    return Fail(ExitCode::kUsage, fmt::format("fault '{}' needs a number", name),
                std::string(row->explanation));
  }
  faults[std::string(name)] = value;
  return {};
}

// Separate dice: how much noise there was must not move the octets that get lost.
Faults::Faults(const std::map<std::string, std::uint32_t>& faults, std::uint32_t seed)
    : faults_(faults), wire_dice_(seed), noise_dice_(~std::uint64_t{seed}) {}

std::optional<std::uint32_t> Faults::Value(std::string_view name) const {
  const auto fault = faults_.find(std::string(name));
  if (fault == faults_.end()) return std::nullopt;
  return fault->second;
}

std::optional<std::uint8_t> Faults::OnOctetFromHost(std::uint8_t octet) {
  if (faults_.empty()) return octet;
  if (const auto n = Value("lost-byte"); n && wire_dice_.OneIn(*n)) return std::nullopt;
  if (const auto n = Value("corrupt-byte"); n && wire_dice_.OneIn(*n))
    return static_cast<std::uint8_t>(octet ^ 1U << wire_dice_.Below(8));
  return octet;
}

bool Faults::ResetsDuringThisWrite() { return Value("reset-mid-write") == ++writes_; }

bool Faults::LosesThisAcknowledgement() { return Value("lost-ack") == ++acknowledgements_; }

bool Faults::LoaderFallsSilent(std::uint32_t requests_since_reset) const {
  const auto answered = Value("silent-after");
  return answered && requests_since_reset > *answered;
}

Bytes Faults::NoiseBeforeSync() {
  Bytes noise(Value("noise-before-sync").value_or(0));
  for (std::uint8_t& octet : noise) octet = noise_dice_.Octet();
  return noise;
}

std::chrono::milliseconds Faults::ResetHoldNeeded() const {
  return std::chrono::milliseconds(Value("slow-reset").value_or(0));
}

bool Faults::StubStaysSilent() const { return Value("no-stub").has_value(); }

bool Faults::DeviceVanishes(std::uint64_t octets_sent) {
  const auto limit = Value("vanish-after");
  if (!limit || vanished_ || octets_sent < *limit) return false;
  vanished_ = true;
  return true;
}

std::uint32_t Faults::ConsoleBaud(std::uint32_t usual) const {
  return Value("console-baud").value_or(usual);
}

std::optional<std::chrono::milliseconds> Faults::RestartsAfterPrompt() const {
  const auto delay = Value("restart-after-prompt");
  if (!delay) return std::nullopt;
  return std::chrono::milliseconds(*delay);
}

bool Faults::MainNeverReturns() const { return Value("busy-main").has_value(); }

bool Faults::RawPasteFallsSilent() const { return Value("raw-paste-silent").has_value(); }

std::optional<std::uint32_t> Faults::StuckSector() const { return Value("stuck-sector"); }

}  // namespace lastgood::sim
