// SPDX-License-Identifier: MIT
// Consoles that run at another rate than 115200.
#include "unit/health/fake_at.h"
#include "unit/health/fake_micropython.h"
#include "unit/health/health_test_case.h"

namespace lastgood::test {
namespace {

class ConsoleRate : public HealthTestCase {
 protected:
  ConsoleRate() { spec_.settle = std::chrono::seconds(1); }
};

TEST_F(ConsoleRate, IsSearchedAndSaidWhereNothingReadableAnswersAtTheUsualOne) {
  for (const HealthKind kind : {HealthKind::kAt, HealthKind::kMicropython})
    for (const std::uint32_t rate :
         {9600U, 57600U, 74880U, 38400U, 19200U, 230400U, 460800U, 921600U}) {
      SCOPED_TRACE(rate);
      spec_.kind = kind;
      FakeAt at;
      FakeMicropython python;
      FakeBoard board(clock_,
                      kind == HealthKind::kAt ? static_cast<FakeApplication*>(&at) : &python);
      board.console_baud = rate;
      const milliseconds start = Elapsed();
      const HealthVerdict verdict = Check(board);
      EXPECT_TRUE(verdict.good()) << verdict.summary;
      EXPECT_EQ(verdict.notes,
                std::vector<std::string>{"answers at " + std::to_string(rate) + " baud"});
      EXPECT_LT(Elapsed() - start, std::chrono::seconds(40));
    }
}

TEST_F(ConsoleRate, RateIsKeptBehindAComeBack) {
  spec_.kind = HealthKind::kMicropython;
  spec_.settle = std::chrono::seconds(40);
  FakeMicropython python;
  python.crash_after = std::chrono::seconds(40);
  python.crashes_left = 1;
  FakeBoard board(clock_, &python);
  board.console_baud = 9600;
  const HealthVerdict verdict = Check(board);
  EXPECT_TRUE(verdict.good()) << verdict.summary;
  EXPECT_EQ(verdict.notes.size(), 2U);
}

TEST_F(ConsoleRate, IsNotSearchedWhereSomebodyTalks) {
  spec_.kind = HealthKind::kMicropython;
  FakeMicropython python;
  python.program = FakeMicropython::Program::kFloods;
  python.interrupts_ignored = 1000;
  FakeBoard board(clock_, &python);
  EXPECT_EQ(Check(board).cause, "a program runs");
  EXPECT_EQ(board.rates.count(9600), 0U);
}

TEST_F(ConsoleRate, UnreadableAtEveryRateIsGarbage) {
  spec_.kind = HealthKind::kMicropython;
  FakeMicropython python;
  python.program = FakeMicropython::Program::kFloodsBinary;
  python.interrupts_ignored = 1000;
  FakeBoard board(clock_, &python);
  const HealthVerdict verdict = Check(board);
  EXPECT_EQ(verdict.health, Health::kGarbage) << verdict.summary;
  EXPECT_EQ(board.rates.count(921600), 1U);
  EXPECT_LT(Elapsed(), std::chrono::seconds(45));
}

}  // namespace
}  // namespace lastgood::test
