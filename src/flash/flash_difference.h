// SPDX-License-Identifier: MIT
// Which sectors of a flash do not hold what images say.
#pragma once

#include <cstdint>
#include <vector>

#include "base/flash_range.h"

namespace lastgood {

struct FlashDifference {
  std::vector<FlashRange> ranges;   // in order, apart from each other
  std::uint32_t sectors = 0;        // of the ranges
  std::uint32_t sectors_total = 0;  // of the images

  bool none() const { return ranges.empty(); }
};

}  // namespace lastgood
