// SPDX-License-Identifier: MIT
// Computations whose result nobody can have heard before: an echo of the question, a recording or a
// program that happens to print cannot answer them.
#pragma once

#include <cstdint>
#include <random>
#include <string>

namespace lastgood {

struct Challenge {
  std::string
      expression;      // "(1234*5678+910)%65521", in numbers that fit MicroPython's small integers
  std::string answer;  // four or five digits, not contained in `expression`
};

class ChallengeMaker {
 public:
  explicit ChallengeMaker(std::uint32_t seed) : random_(seed) {}
  Challenge Next();

 private:
  std::uint32_t Between(std::uint32_t low, std::uint32_t high);
  std::mt19937 random_;
};

}  // namespace lastgood
