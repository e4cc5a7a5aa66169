// SPDX-License-Identifier: MIT
// Whole runs through a stub loader of either generation: what the chip's digests and reading make
// possible, and trouble on the way.
#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>
#include <string>
#include <vector>

#include "digest/digest.h"
#include "scenario/workbench.h"

namespace lastgood::test {
namespace {

using Kind = sim::ImageRequest::Kind;
using Titles = std::vector<std::string>;

constexpr std::uint32_t kInitData = 0x3FC000;
constexpr std::uint32_t kParameters = 0x3FD000;

class StubRuns : public testing::TestWithParam<int> {
 protected:
  StubRuns() { bench_.InstallStub(GetParam()); }

  Workbench bench_;
  Firmware good_ = bench_.Make(Kind::kMicropython, "1.22.1");
  Firmware older_ = bench_.Make(Kind::kMicropython, "1.9.3", 2);
  Firmware at_ = bench_.Make(Kind::kAt, "1.1.0.0");
};

INSTANTIATE_TEST_SUITE_P(, StubRuns, testing::Values(1, 2), [](const auto& row) {
  return row.param == 1 ? "FirstGeneration" : "SecondGeneration";
});

// Rule A1.
TEST_P(StubRuns, WhatWasWrittenIsProvenByTheChipsDigest) {
  const RunOutcome outcome = bench_.Provision(good_, {older_});
  ASSERT_EQ(outcome.code, ExitCode::kDone) << outcome.text;
  EXPECT_NE(bench_.reporter.LastOf("flash").find("MD5 matches"), std::string::npos)
      << bench_.reporter.LastOf("flash");
  EXPECT_EQ(bench_.reporter.LastOf("loader"), "") << "nothing is lost";
  EXPECT_TRUE(bench_.FlashEquals(good_));
}

TEST_P(StubRuns, BoardThatHasTheImageIsKnownGoodWithoutAWrite) {
  ASSERT_EQ(bench_.Provision(good_, {older_}).code, ExitCode::kDone);
  std::filesystem::remove_all(bench_.directory / "state");  // another host, or a lost card
  const auto before = bench_.board->statistics();
  const RunOutcome again = bench_.Provision(good_, {});
  EXPECT_EQ(again.code, ExitCode::kDone) << again.text;
  EXPECT_FALSE(again.changed);
  EXPECT_EQ(bench_.board->statistics().sectors_erased, before.sectors_erased);
  EXPECT_EQ(bench_.board->statistics().bytes_programmed, before.bytes_programmed);
  EXPECT_EQ(bench_.KnownGoodTitles(), Titles{"MicroPython 1.22.1"});
}

TEST_P(StubRuns, OneChangedSectorIsWrittenAlone) {
  ASSERT_EQ(bench_.Provision(good_, {older_}).code, ExitCode::kDone);
  bench_.board->WriteFlash(0x5000, Bytes(16, 0x00));
  const auto before = bench_.board->statistics();
  const RunOutcome again = bench_.Provision(good_, {});
  EXPECT_EQ(again.code, ExitCode::kDone) << again.text;
  EXPECT_EQ(bench_.board->statistics().sectors_erased, before.sectors_erased + 1);
  EXPECT_TRUE(bench_.FlashEquals(good_));
}

TEST_P(StubRuns, ParametersThatTheFirmwareWroteAreNotTakenForADifference) {
  ASSERT_EQ(bench_.Provision(at_, {good_}).code, ExitCode::kDone);
  ASSERT_NE(bench_.board->flash()[0xFD000], 0xFF) << "the firmware keeps its parameters there";
  const auto before = bench_.board->statistics();
  const RunOutcome again = bench_.Provision(at_, {});
  EXPECT_EQ(again.code, ExitCode::kDone) << again.text;
  EXPECT_FALSE(again.changed);
  EXPECT_EQ(bench_.board->statistics().sectors_erased, before.sectors_erased);
}

// Rule B6, and the last of the fallbacks.
TEST_P(StubRuns, UnknownBoardIsBackedUpAndComesBackFromItsBackup) {
  ASSERT_EQ(bench_.Provision(older_, {good_}).code, ExitCode::kDone);
  const ByteSpan flash = bench_.board->flash();
  const Bytes before(flash.begin(), flash.end());
  std::filesystem::remove_all(bench_.directory / "state");
  std::filesystem::remove(bench_.directory / older_.file);
  const Firmware bad = bench_.Make(Kind::kCrashing, "2.0.0");
  const RunOutcome outcome = bench_.Provision(bad, {});
  EXPECT_EQ(outcome.code, ExitCode::kRolledBack) << outcome.text;
  EXPECT_EQ(bench_.BackupTitles(), Titles{"backup-of-MicroPython 1.9.3"});
  EXPECT_EQ(bench_.BoardHealth(), "healthy 1.9.3");
  EXPECT_TRUE(std::equal(before.begin(), before.end(), bench_.board->flash().begin()))
      << "octet for octet";
}

TEST_P(StubRuns, BlankBoardNeedsNoBackup) {
  ASSERT_EQ(bench_.Provision(good_, {older_}).code, ExitCode::kDone);
  EXPECT_EQ(bench_.BackupTitles(), Titles{});
}

TEST_P(StubRuns, NoBackupIsTakenWhenNoneIsWanted) {
  bench_.board->WriteFlash(0x200000, Bytes(100, 0x11));
  RunOptions options;
  options.no_backup = true;
  ASSERT_EQ(bench_.Provision(good_, {older_}, options).code, ExitCode::kDone);
  EXPECT_EQ(bench_.BackupTitles(), Titles{});
}

// Rule B4.
TEST_P(StubRuns, WrongInitDataGoesBeforeTheFirstStart) {
  bench_.board->WriteFlash(kInitData, Bytes(128, 0x42));
  const RunOutcome outcome = bench_.Provision(good_, {older_});
  EXPECT_EQ(outcome.code, ExitCode::kDone) << outcome.text;
  EXPECT_EQ(bench_.reporter.LastOf("repair"), "") << "it never looped";
}

// Rule B5: parameters.
TEST_P(StubRuns, ParametersOfAtFirmwareGoEvenWhenItsConsoleIsDead) {
  Firmware at4 = at_;
  at4.flash = "size = \"4MB\"";
  ASSERT_EQ(bench_.Provision(at4, {good_}).code, ExitCode::kDone);
  ASSERT_NE(bench_.board->flash()[kParameters], 0xFF);
  bench_.board->WriteFlash(0x100, Bytes(64, 0x00));  // it does not start any more
  const RunOutcome outcome = bench_.Provision(good_, {});
  EXPECT_EQ(outcome.code, ExitCode::kDone) << outcome.text;
  EXPECT_EQ(bench_.BoardHealth(), "healthy 1.22.1");
}

TEST_P(StubRuns, ParametersThatCouldNotBeClearedAtFirstAreClearedBeforeTheWrite) {
  Firmware at4 = at_;
  at4.flash = "size = \"4MB\"";
  ASSERT_EQ(bench_.Provision(at4, {good_}).code, ExitCode::kDone);
  int attempts = 0;
  bench_.reporter.on_state = [&](const StateEvent& event) {
    if (event.state == "flashing-new") bench_.board->SetPower(++attempts > 1);
  };
  const RunOutcome outcome = bench_.Provision(good_, {});
  EXPECT_EQ(outcome.code, ExitCode::kDone) << outcome.text;
  EXPECT_EQ(attempts, 2);
  const auto& stages = bench_.reporter.stages;
  EXPECT_TRUE(std::any_of(stages.begin(), stages.end(), [](const StageEvent& stage) {
    return stage.text.starts_with("parameters of AT firmware");
  }));
}

// As on a full disk: what stands where the copy would go is no file.
TEST_P(StubRuns, FallbackIsWrittenThoughNoCopyOfTheParametersCanBeKept) {
  Firmware at4 = at_;
  at4.flash = "size = \"4MB\"";
  ASSERT_EQ(bench_.Provision(at4, {good_}).code, ExitCode::kDone);
  bench_.reporter.on_state = [&](const StateEvent& event) {
    if (event.state != "flashing-fallback") return;
    const ByteSpan parameters = bench_.board->flash().subspan(0x3FB000, 0x5000);
    std::filesystem::create_directories(bench_.directory / "state/images" /
                                        Sha256(parameters).ToHex());
  };
  const RunOutcome outcome = bench_.Provision(bench_.Make(Kind::kCrashing, "2.0.0"), {});
  EXPECT_EQ(outcome.code, ExitCode::kRolledBack) << outcome.text;
  EXPECT_EQ(bench_.BoardHealth(), "healthy 1.1.0.0");
  const auto& stages = bench_.reporter.stages;
  EXPECT_TRUE(std::any_of(stages.begin(), stages.end(), [](const StageEvent& stage) {
    return stage.text.starts_with("no parameters are cleared");
  }));
}

// Rule B5: the file system's place.
TEST_P(StubRuns, WhatIsNoFileSystemGoesFromItsPlace) {
  bench_.board->WriteFlash(0x91000, Bytes(4096, 0x12));
  const RunOutcome outcome = bench_.Provision(good_, {older_});
  EXPECT_EQ(outcome.code, ExitCode::kDone) << outcome.text;
}

// What keeps MicroPython from starting; a ROM loader that wrote it could not look.
TEST_P(StubRuns, DamagedFileSystemOfMicropythonThatDoesNotStartGoes) {
  ASSERT_EQ(bench_.Provision(older_, {good_}).code, ExitCode::kDone);
  bench_.board->WriteFlash(0x91000, Bytes(4096, 0x12));
  bench_.ReloadBoard();
  const RunOutcome outcome = bench_.Provision(good_, {});
  EXPECT_EQ(outcome.code, ExitCode::kDone) << outcome.text;
  EXPECT_EQ(bench_.BoardHealth(), "healthy 1.22.1");
}

TEST_P(StubRuns, FileSystemSurvivesAnUpdate) {
  ASSERT_EQ(bench_.Provision(older_, {good_}).code, ExitCode::kDone);
  const ByteSpan head = bench_.board->flash().subspan(0x91000, 4096);
  const Bytes before(head.begin(), head.end());
  ASSERT_EQ(bench_.Provision(good_, {}).code, ExitCode::kDone);
  const ByteSpan after = bench_.board->flash().subspan(0x91000, 4096);
  EXPECT_TRUE(std::equal(before.begin(), before.end(), after.begin()));
}

struct TroubleRow {
  const char* name;
  const char* fault;
  std::uint32_t value;
  bool breaks_the_write;  // or something before it
};
void PrintTo(const TroubleRow& row, std::ostream* out) { *out << row.name; }

class Trouble : public testing::TestWithParam<std::tuple<TroubleRow, int, std::uint32_t>> {};

TEST_P(Trouble, IsMendedAndTheFlashIsRight) {
  const auto& [row, generation, seed] = GetParam();
  sim::BoardOptions options;
  options.seed = seed;
  options.faults[row.fault] = row.value;
  Workbench bench(options);
  bench.InstallStub(generation);
  const Firmware good = bench.Make(Kind::kMicropython, "1.22.1");
  const Firmware older = bench.Make(Kind::kMicropython, "1.9.3", 2);
  const RunOutcome outcome = bench.Provision(good, {older});
  EXPECT_EQ(outcome.code, ExitCode::kDone) << "seed " << seed << ": " << outcome.text;
  EXPECT_TRUE(bench.FlashEquals(good)) << "seed " << seed;
  const bool mended = bench.reporter.LastOf("flash").find("mended") != std::string::npos;
  EXPECT_EQ(mended, row.breaks_the_write)
      << "seed " << seed << ": " << bench.reporter.LastOf("flash");
}

INSTANTIATE_TEST_SUITE_P(
    , Trouble,
    testing::Combine(testing::Values(TroubleRow{"LostAcknowledgement", "lost-ack", 3, true},
                                     TroubleRow{"LostOctets", "lost-byte", 20000, true},
                                     TroubleRow{"CorruptOctets", "corrupt-byte", 20000, true},
                                     TroubleRow{"ResetInTheMiddle", "reset-mid-write", 2, true},
                                     TroubleRow{"StubThatNeverStarts", "no-stub", 1, false}),
                     testing::Values(1, 2), testing::Values(1U, 2U, 3U)),
    [](const auto& row) {
      return std::string(std::get<0>(row.param).name) + "Generation" +
             std::to_string(std::get<1>(row.param)) + "Seed" +
             std::to_string(std::get<2>(row.param));
    });

TEST(StubTrouble, DeviceThatVanishesInMidWriteIsNamedAndTheRunIsTakenUpAgain) {
  sim::BoardOptions options;
  options.faults["vanish-after"] = 60'000;
  Workbench bench(options);
  bench.InstallStub(2);
  const Firmware good = bench.Make(Kind::kMicropython, "1.22.1");
  const Firmware older = bench.Make(Kind::kMicropython, "1.9.3", 2);
  const RunOutcome outcome = bench.Provision(good, {older});
  EXPECT_NE(outcome.code, ExitCode::kDone);
  EXPECT_NE(outcome.text.find("vanished"), std::string::npos) << outcome.text;
  const RunOutcome again = bench.Provision(good, {older});  // plugged in again
  EXPECT_EQ(again.code, ExitCode::kDone) << again.text;
  EXPECT_TRUE(bench.FlashEquals(good));
}

TEST(StubTrouble, FlashThatErasesSlowlyIsWaitedFor) {
  sim::BoardOptions options;
  options.timings.sector_erase = std::chrono::milliseconds(400);
  options.timings.block_erase = std::chrono::milliseconds(2000);
  options.timings.page_program = std::chrono::microseconds(3000);
  Workbench bench(options);
  bench.InstallStub(1);
  const Firmware good = bench.Make(Kind::kMicropython, "1.22.1");
  const RunOutcome outcome = bench.Provision(good, {bench.Make(Kind::kMicropython, "1.9.3", 2)});
  EXPECT_EQ(outcome.code, ExitCode::kDone) << outcome.text;
  EXPECT_EQ(bench.reporter.LastOf("flash").find("mended"), std::string::npos)
      << "patience is no trouble";
}

TEST(StubTrouble, SectorThatDoesNotTakeProgrammingIsNamed) {
  sim::BoardOptions options;
  options.faults["stuck-sector"] = 5;
  Workbench bench(options);
  bench.InstallStub(1);
  const Firmware good = bench.Make(Kind::kMicropython, "1.22.1");
  const RunOutcome outcome = bench.Provision(good, {bench.Make(Kind::kMicropython, "1.9.3", 2)});
  EXPECT_EQ(outcome.code, ExitCode::kNeedsHands) << outcome.text;
  EXPECT_NE(outcome.text.find("0x5000"), std::string::npos) << outcome.text;
}

}  // namespace
}  // namespace lastgood::test
