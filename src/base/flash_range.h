// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

namespace lastgood {

// A piece of a flash chip. Whole sectors (both multiples of 4096) where something is erased or
// compared.
struct FlashRange {
  std::uint32_t offset = 0;
  std::uint32_t size_bytes = 0;

  bool operator==(const FlashRange&) const = default;
};

}  // namespace lastgood
