// SPDX-License-Identifier: MIT
// What is found out about a board without writing to it: who it is, how it starts, what is wrong
// with its wires, and how its flash stands to what was proven.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "run/boot_text.h"
#include "scenario/workbench.h"

namespace lastgood::test {
namespace {

using Kind = sim::ImageRequest::Kind;

int ModeOf(const Result<BootObservation>& seen) {
  return seen && !seen->log.attempts.empty() ? seen->log.attempts.back().boot_mode : -1;
}

class Examination : public testing::Test {
 protected:
  // A board that runs `good_` as known good.
  void ProvisionGood(Workbench& bench) {
    const Firmware good = bench.Make(Kind::kMicropython, "1.22.1");
    const RunOutcome outcome = bench.Provision(good, {bench.Make(Kind::kMicropython, "1.9.3", 2)});
    ASSERT_EQ(outcome.code, ExitCode::kDone) << outcome.text;
  }
};

TEST_F(Examination, HealthyBoardTellsEverythingAndNothingIsWritten) {
  Workbench bench;
  bench.InstallStub(1);
  ProvisionGood(bench);
  const auto before = bench.board->statistics();
  const Bytes flash(bench.board->flash().begin(), bench.board->flash().end());
  const BoardExamination found = bench.Examine();
  ASSERT_TRUE(found.identity) << found.identity.error().message;
  EXPECT_EQ(found.identity->mac.ToString(), "18:fe:34:ab:cd:ef");
  EXPECT_EQ(found.identity->flash_size_bytes, 4U << 20);
  EXPECT_EQ(found.loader, "stub loader 1");
  EXPECT_EQ(found.baud, 460800U);
  EXPECT_EQ(ModeOf(found.boot), 3);
  EXPECT_EQ(ModeOf(found.download), 1);
  EXPECT_EQ(DescribeStraps(found.boot), "flash (GPIO15 low, GPIO0 high, GPIO2 high)");
  EXPECT_EQ(found.running_before, "MicroPython 1.22.1");
  EXPECT_EQ(found.running, "MicroPython 1.22.1");
  EXPECT_EQ(found.standing, FlashStanding::kKnownGood);
  EXPECT_EQ(found.known_good, "MicroPython 1.22.1");
  const auto after = bench.board->statistics();
  EXPECT_EQ(after.sectors_erased, before.sectors_erased);
  EXPECT_EQ(after.bytes_programmed, before.bytes_programmed);
  EXPECT_TRUE(std::ranges::equal(flash, bench.board->flash()));
}

TEST_F(Examination, FlashThatWasChangedBehindOurBackIsNotKnownGood) {
  Workbench bench;
  bench.InstallStub(2);
  ProvisionGood(bench);
  bench.board->WriteFlash(0x4000, Bytes(16, 0x00));
  EXPECT_EQ(bench.Examine().standing, FlashStanding::kChanged);
}

TEST_F(Examination, WithoutAStubTheFlashIsNotCompared) {
  Workbench bench;
  ProvisionGood(bench);
  const BoardExamination found = bench.Examine(LoaderChoice::kRom);
  EXPECT_EQ(found.standing, FlashStanding::kNotCompared);
  EXPECT_EQ(found.known_good, "MicroPython 1.22.1");
}

TEST_F(Examination, NewBoardIsUnknown) {
  Workbench bench;
  bench.InstallStub(1);
  const BoardExamination found = bench.Examine();
  EXPECT_EQ(found.standing, FlashStanding::kUnknownBoard);
  EXPECT_EQ(found.running, "unknown");
  EXPECT_EQ(DescribeBoot(found.boot), "not bootable, 1 reset, \"ets_main.c\"");
}

struct WiringCase {
  const char* name;
  bool sim::BoardOptions::*wire;
  int download_mode;  // -1: the ROM was not heard
  int boot_mode;
  bool identified;
  const char* running;  // nullptr: what the loader's frames left of its console
};

class Wiring : public Examination, public testing::WithParamInterface<WiringCase> {};

TEST_P(Wiring, IsToldByWhatIsHeard) {
  const WiringCase& wiring = GetParam();
  Workbench bench;
  ProvisionGood(bench);
  bench.Break(wiring.wire);
  const BoardExamination found = bench.Examine();
  EXPECT_EQ(ModeOf(found.download), wiring.download_mode);
  EXPECT_EQ(ModeOf(found.boot), wiring.boot_mode);
  EXPECT_EQ(found.identity.has_value(), wiring.identified);
  if (wiring.running == nullptr) return;
  EXPECT_EQ(found.running, wiring.running)
      << (found.boot ? std::string(AsText(found.boot->heard)) : found.boot.error().message);
}

INSTANTIATE_TEST_SUITE_P(
    Faults, Wiring,
    testing::Values(
        WiringCase{"BootLineStuck", &sim::BoardOptions::boot_line_stuck_released, 3, 3, false,
                   "MicroPython 1.22.1"},
        WiringCase{"ResetLineStuck", &sim::BoardOptions::reset_line_stuck_released, -1, -1, false,
                   nullptr},
        WiringCase{"BoardDoesNotHear", &sim::BoardOptions::rx_cut, 1, 3, false, "unknown"},
        WiringCase{"HostDoesNotHear", &sim::BoardOptions::tx_cut, -1, -1, false, "unknown"},
        WiringCase{"Unpowered", &sim::BoardOptions::unpowered, -1, -1, false, "unknown"}),
    [](const auto& instance) { return instance.param.name; });

// A reset pin with a large capacitor: what brings the board into its loader must also bring it out.
class SlowReset : public Examination, public testing::WithParamInterface<std::uint32_t> {};

TEST_P(SlowReset, BoardIsProvisionedWithLongerPulses) {
  sim::BoardOptions options;
  options.faults["slow-reset"] = GetParam();
  Workbench bench(options);
  ProvisionGood(bench);
  EXPECT_EQ(bench.Running(), "MicroPython 1.22.1");
  const BoardExamination found = bench.Examine();
  EXPECT_TRUE(found.identity);
  ASSERT_TRUE(found.download);
  EXPECT_GT(found.download->patience, 0);
  EXPECT_EQ(ModeOf(found.boot), 3);
}

INSTANTIATE_TEST_SUITE_P(Milliseconds, SlowReset, testing::Values(50U, 300U, 450U));

}  // namespace
}  // namespace lastgood::test
