// SPDX-License-Identifier: MIT
// Which sectors of a flash do not hold what images say.
#pragma once

#include <cstdint>
#include <vector>

namespace lastgood {

// Both multiples of 4096.
struct SectorRange {
  std::uint32_t offset = 0;
  std::uint32_t size_bytes = 0;

  bool operator==(const SectorRange&) const = default;
};

struct FlashDifference {
  std::vector<SectorRange> ranges;  // in order, apart from each other
  std::uint32_t sectors = 0;        // of the ranges
  std::uint32_t sectors_total = 0;  // of the images

  bool none() const { return ranges.empty(); }
};

}  // namespace lastgood
