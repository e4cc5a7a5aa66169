// SPDX-License-Identifier: MIT
// Faults that a board can be given by name; each is deterministic for a seed.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "sim/dice.h"

namespace lastgood::sim {

// Adds "NAME" or "NAME:NUMBER" to `faults`. kUsage for an unknown name, or a number that is missing
// or wrong.
Result<void> AddFault(std::string_view text, std::map<std::string, std::uint32_t>& faults);

class Faults {
 public:
  // Names that are not known count for nothing: AddFault has refused them.
  Faults(const std::map<std::string, std::uint32_t>& faults, std::uint32_t seed);

  // What arrives at the chip; nullopt when the octet is lost.
  std::optional<std::uint8_t> OnOctetFromHost(std::uint8_t octet);
  // Call once for every FLASH_DATA that starts, and for every answer to one.
  bool ResetsDuringThisWrite();
  bool LosesThisAcknowledgement();
  // Call once for every request.
  bool LoaderFallsSilent(std::uint32_t requests_since_reset) const;
  // What is sent before the first answer to a SYNC after a reset.
  Bytes NoiseBeforeSync();
  std::chrono::milliseconds ResetHoldNeeded() const;
  bool StubStaysSilent() const;
  // Once, when so many octets have gone to the board.
  bool DeviceVanishes(std::uint64_t octets_sent);
  std::optional<std::uint32_t> StuckSector() const;
  // Of the application.
  std::uint32_t ConsoleBaud(std::uint32_t usual) const;
  std::optional<std::chrono::milliseconds> RestartsAfterPrompt() const;
  bool MainNeverReturns() const;
  bool RawPasteFallsSilent() const;

 private:
  std::optional<std::uint32_t> Value(std::string_view name) const;

  std::map<std::string, std::uint32_t> faults_;
  Dice wire_dice_;
  Dice noise_dice_;
  bool vanished_ = false;
  std::uint32_t writes_ = 0;
  std::uint32_t acknowledgements_ = 0;
};

}  // namespace lastgood::sim
