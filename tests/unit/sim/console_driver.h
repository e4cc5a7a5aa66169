// SPDX-License-Identifier: MIT
// Typing to a console and reading what it says, in tests.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "sim/console.h"

namespace lastgood::sim {

inline FirmwareFacts Micropython(std::string version = "v1.27.0 on 2025-12-10") {
  FirmwareFacts facts;
  facts.family = FirmwareFacts::Family::kMicropython;
  facts.version = std::move(version);
  return facts;
}

inline std::string Type(Console& console, std::string_view text) {
  std::string said;
  for (const char c : text) said += AsText(console.Receive(static_cast<std::uint8_t>(c)));
  return said;
}

}  // namespace lastgood::sim
