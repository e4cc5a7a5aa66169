// SPDX-License-Identifier: MIT
// The incident (docs/incident.md, protocol reference section 15), replayed: what is said before
// anything is written, what a forced run says, and how the board comes back. The real images are in
// tests/real/incident_test.py.
#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>
#include <string>

#include "scenario/workbench.h"

namespace lastgood::test {
namespace {

using Kind = sim::ImageRequest::Kind;

constexpr std::uint32_t kMegabyte = 1U << 20;

struct IncidentRow {
  const char* name;
  const char* version;  // of MicroPython
  std::uint32_t chip_megabytes;
  const char* header;  // size in [firmware.flash]
  bool after_at;       // the board runs AT firmware before; else its flash is blank
  const char* refusal;
  const char* hidden;  // a line below the refusal; empty: none
  const char* last_words;
  const char* explanation;  // a line below the verdict
};

void PrintTo(const IncidentRow& row, std::ostream* out) { *out << row.name; }

class Incident : public testing::TestWithParam<IncidentRow> {
 protected:
  Incident() {
    bench_.InstallStub(1);
    bench_.Swap(MacAddress{{0x18, 0xfe, 0x34, 0xab, 0xcd, 0xef}},
                GetParam().chip_megabytes * kMegabyte);
    looping_.flash = std::string("size = \"") + GetParam().header + "\"";
  }

  void SetUp() override {
    if (!GetParam().after_at) return;
    ASSERT_EQ(bench_.Provision(at_, {good_}).code, ExitCode::kDone);
  }

  RunOutcome Force() {
    RunOptions options;
    options.force = true;
    return bench_.Provision(looping_, {at_}, options);
  }

  // The first event of `stage` that failed.
  const StageEvent& Failure(const std::string& stage) const {
    static const StageEvent kNone{};
    const auto found =
        std::find_if(bench_.reporter.stages.begin(), bench_.reporter.stages.end(),
                     [&stage](const StageEvent& event) {
                       return event.stage == stage && event.outcome == StageOutcome::kFail;
                     });
    return found == bench_.reporter.stages.end() ? kNone : *found;
  }
  static std::string FirstDetail(const StageEvent& event) {
    return event.details.empty() ? "" : event.details.front();
  }

  Workbench bench_;
  Firmware good_ = bench_.Make(Kind::kMicropython, GetParam().version);
  Firmware looping_ = good_;
  Firmware at_ = bench_.Make(Kind::kAt, "1.1.0.0");
};

TEST_P(Incident, IsRefusedBeforeAnyWriteWithTheReason) {
  const auto before = bench_.board->statistics();
  const RunOutcome outcome = bench_.Provision(looping_, {at_});
  EXPECT_EQ(outcome.code, ExitCode::kRefused);
  EXPECT_NE(outcome.text.find(GetParam().refusal), std::string::npos) << outcome.text;
  EXPECT_EQ(outcome.hint, "set size = \"detect\" in [firmware.flash]");
  EXPECT_EQ(FirstDetail(Failure("plan")), GetParam().hidden);
  EXPECT_EQ(bench_.board->statistics().sectors_erased, before.sectors_erased);
  EXPECT_EQ(bench_.board->statistics().bytes_programmed, before.bytes_programmed);
}

TEST_P(Incident, ForcedItLoopsIsNamedAndTheAtFirmwareComesBack) {
  const RunOutcome outcome = Force();
  EXPECT_EQ(outcome.code, ExitCode::kRolledBack) << outcome.text << "; " << outcome.hint;
  const StageEvent& verdict = Failure("health");
  EXPECT_TRUE(verdict.text.starts_with("boot loop: ")) << verdict.text;
  EXPECT_NE(verdict.text.find(GetParam().last_words), std::string::npos) << verdict.text;
  EXPECT_EQ(FirstDetail(verdict), GetParam().explanation);
  EXPECT_EQ(bench_.Running(), "AT firmware 1.1.0.0");
  EXPECT_EQ(bench_.BoardHealth(), "healthy 1.1.0.0");
}

TEST_P(Incident, ForcedEveryNightItIsWrittenOnce) {
  const RunOutcome first = Force();
  ASSERT_EQ(first.code, ExitCode::kRolledBack);
  const auto before = bench_.board->statistics();
  const RunOutcome second = Force();
  EXPECT_EQ(second.code, ExitCode::kRefused) << second.text;
  EXPECT_NE(second.text.find("is quarantined there; the board runs AT firmware 1.1.0.0"),
            std::string::npos)
      << second.text;
  EXPECT_NE(second.hint.find("--retry"), std::string::npos) << second.hint;
  EXPECT_EQ(bench_.board->statistics().sectors_erased, before.sectors_erased);
}

TEST_P(Incident, BlueLightFlickersInTheLoopAndIsOutAfterTheRollback) {
  std::uint32_t at_health = 0;
  std::uint32_t at_rollback = 0;
  bench_.reporter.on_state = [&](const StateEvent& event) {
    const std::uint32_t flashes = bench_.board->statistics().light_flashes;
    if (event.state == "health") at_health = flashes;
    if (event.state == "flashing-fallback") at_rollback = flashes;
  };
  ASSERT_EQ(Force().code, ExitCode::kRolledBack);
  EXPECT_GT(at_rollback - at_health, 12U) << "several for each start";
  bench_.clock.SleepFor(std::chrono::seconds(2));  // its start
  const auto after = bench_.board->statistics();
  bench_.clock.SleepFor(std::chrono::seconds(10));
  EXPECT_EQ(bench_.board->statistics().light_flashes - after.light_flashes, 0U);
  EXPECT_FALSE(bench_.board->statistics().light_is_lit);
}

TEST_P(Incident, DetectedSizeIsWrittenAndProven) {
  const RunOutcome outcome = bench_.Provision(good_, {at_});
  EXPECT_EQ(outcome.code, ExitCode::kDone) << outcome.text;
  EXPECT_EQ(bench_.board->flash()[3] >> 4, 4) << "4 MB, also on a larger chip";
  EXPECT_EQ(bench_.BoardHealth(), std::string("healthy ") + GetParam().version);
}

constexpr const char* kOn4 = " would boot-loop on this 4 MB chip";
constexpr const char* kMissing = "last words \"rf_cal[0] !=0x05,is 0xFF\"";
constexpr const char* kOneOnFour =
    "the header says 1 MB of flash, the chip has 4 MB: the SDK looks for its init data in the "
    "wrong place";
constexpr const char* kHidden =
    "init data of AT firmware lies at 0xfc000, where this header sends the SDK: it would hide the "
    "fault until that sector is erased";

INSTANTIATE_TEST_SUITE_P(
    , Incident,
    testing::Values(
        IncidentRow{"OneMegabyteOverErasedFlash", "1.8.7", 4, "1MB", false, kOn4, "", kMissing,
                    kOneOnFour},
        IncidentRow{"OneMegabyteAfterAtFirmware", "1.8.7", 4, "1MB", true, kOn4, kHidden, kMissing,
                    kOneOnFour},
        IncidentRow{"TheVersionBefore", "1.8.6", 4, "1MB", false, kOn4, "", kMissing, kOneOnFour},
        IncidentRow{"EightMegabytesTaken", "1.22.1", 8, "8MB", false,
                    "with 8 MB of flash in its header would boot-loop on this 8 MB chip", "",
                    kMissing,
                    "the header says 8 MB of flash, as the chip has, but the firmware writes its "
                    "init data at the end of the first 4 MB: the SDK looks elsewhere"},
        IncidentRow{"SixteenMegabytesTaken", "1.8.7", 16, "16MB", false,
                    "with 16 MB of flash in its header would boot-loop on this 16 MB chip", "",
                    kMissing,
                    "the header says 16 MB of flash, as the chip has, but the firmware writes its "
                    "init data at the end of the first 4 MB: the SDK looks elsewhere"}),
    [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace lastgood::test
