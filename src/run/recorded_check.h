// SPDX-License-Identifier: MIT
// What a capture keeps of a health check, so that it can be done again on what the board said then.
#pragma once

#include <cstdint>
#include <string>

#include "base/board_identity.h"
#include "base/result.h"
#include "device/board_lines.h"
#include "manifest/manifest.h"

namespace lastgood {

struct RecordedCheck {
  HealthSpec health;
  std::uint32_t seed = 0;  // of the nonces
  Chip chip = Chip::kEsp8266;
  LinesMover moved_by = LinesMover::kHost;

  bool operator==(const RecordedCheck&) const = default;
};

// TOML, of printable text; ParseRecordedCheck(FormatRecordedCheck(c)) == c.
std::string FormatRecordedCheck(const RecordedCheck& check);
// `name` is what messages call it; kInvalidManifest.
Result<RecordedCheck> ParseRecordedCheck(std::string text, std::string name);

}  // namespace lastgood
