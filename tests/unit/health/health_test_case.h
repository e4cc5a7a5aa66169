// SPDX-License-Identifier: MIT
#pragma once

#include <gtest/gtest.h>

#include <ostream>
#include <string>

#include "health/health_check.h"
#include "unit/health/fake_board.h"

namespace lastgood {

inline void PrintTo(Health health, std::ostream* out) { *out << HealthName(health); }
inline void PrintTo(BootFault fault, std::ostream* out) { *out << BootFaultName(fault); }

}  // namespace lastgood

namespace lastgood::test {

// One board, one check of it, on a clock that starts at zero.
class HealthTestCase : public testing::Test {
 protected:
  static constexpr std::uint32_t kSeed = 20170108;

  HealthVerdict Check(FakeBoard& board) {
    Result<HealthVerdict> verdict =
        CheckHealth(board, board, clock_, spec_, kSeed, board.interrupt, chip_);
    EXPECT_TRUE(verdict) << (verdict ? "" : verdict.error().message);
    if (!verdict) return {};
    EXPECT_LE(verdict->transcript.size(), 64U * 1024);
    EXPECT_EQ(verdict->remedy.empty(), verdict->good()) << verdict->summary;
    EXPECT_FALSE(verdict->summary.empty());
    return *std::move(verdict);
  }

  milliseconds Elapsed() const {
    return std::chrono::duration_cast<milliseconds>(clock_.Now().time_since_epoch());
  }

  VirtualClock clock_;
  HealthSpec spec_;
  Chip chip_ = Chip::kEsp8266;
};

}  // namespace lastgood::test
