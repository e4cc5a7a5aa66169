// SPDX-License-Identifier: MIT
// Content for tests: any two places of it differ, so that a shifted or doubled piece shows.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"

namespace lastgood::test {

inline Bytes Pattern(std::size_t size, std::uint32_t seed = 1) {
  Bytes bytes(size);
  std::uint32_t state = seed;
  for (std::uint8_t& octet : bytes) {
    state = state * 1664525 + 1013904223;
    octet = static_cast<std::uint8_t>(state >> 24);
  }
  return bytes;
}

}  // namespace lastgood::test
