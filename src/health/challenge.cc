// SPDX-License-Identifier: MIT
#include "health/challenge.h"

#include <fmt/core.h>

namespace lastgood {

// Not std::uniform_int_distribution: its values differ between libraries, and a seed must replay.
std::uint32_t ChallengeMaker::Between(std::uint32_t low, std::uint32_t high) {
  return low + static_cast<std::uint32_t>(random_()) % (high - low + 1);
}

Challenge ChallengeMaker::Next() {
  while (true) {
    const std::uint32_t a = Between(1000, 30000);
    const std::uint32_t b = Between(1000, 30000);
    const std::uint32_t c = Between(1000, 60000);
    const std::uint32_t value = (a * b + c) % 65521;
    Challenge challenge{fmt::format("({}*{}+{})%65521", a, b, c), fmt::format("{}", value)};
    const bool echo_could_answer = challenge.expression.find(challenge.answer) != std::string::npos;
    if (value >= 1000 && !echo_could_answer) return challenge;
  }
}

}  // namespace lastgood
