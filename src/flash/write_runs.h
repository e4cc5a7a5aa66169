// SPDX-License-Identifier: MIT
// How differing sectors get into the flash: as runs that are sent as one stream each, and stretches
// that are only erased.
#pragma once

#include <cstdint>
#include <vector>

#include "flash/flash_difference.h"
#include "flash/flash_target.h"

namespace lastgood {

struct WriteRun {
  enum class Kind { kErase, kWrite } kind = Kind::kWrite;
  FlashRange range;

  bool operator==(const WriteRun&) const = default;
};

struct RunRules {
  // Between two runs lie a stream's end (the last block must be in the flash, some 50 ms) and a
  // beginning. As many sectors that need no write are sent along as that costs.
  std::uint32_t gap_sectors_max = 0;
  // A run is compressed at a time, in memory; and what is not acknowledged at its end is lost when
  // something goes wrong. A multiple of 4096.
  std::uint32_t run_bytes_max = 1U << 20;
};

// Blank sectors compress to nothing but still take their time to be programmed: 11 ms each. From
// this many on, a run is parted there.
inline constexpr std::uint32_t kBlankSectorsParting = 8;

// `recoveries` so far, and the failures since a sector was gained.
RunRules RulesFor(std::uint32_t baud, int recoveries, int failures);
std::vector<WriteRun> PlanRuns(const FlashTarget& target, const FlashDifference& difference,
                               const RunRules& rules);

}  // namespace lastgood
