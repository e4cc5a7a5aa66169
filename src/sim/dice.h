// SPDX-License-Identifier: MIT
// Repeatable chance: the same seed gives the same sequence on every machine and compiler.
#pragma once

#include <cstdint>

namespace lastgood::sim {

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}

  std::uint32_t Next() {  // SplitMix64's finaliser
    std::uint64_t mixed = state_ += 0x9E3779B97F4A7C15U;
    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9U;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBU;
    return static_cast<std::uint32_t>((mixed ^ (mixed >> 31)) >> 32);
  }
  std::uint8_t Octet() { return static_cast<std::uint8_t>(Next()); }
  // Preconditions: limit > 0, n > 0.
  std::uint32_t Below(std::uint32_t limit) { return Next() % limit; }
  bool OneIn(std::uint32_t n) { return Below(n) == 0; }

 private:
  std::uint64_t state_;
};

}  // namespace lastgood::sim
