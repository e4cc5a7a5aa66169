// SPDX-License-Identifier: MIT
// The main job, whole, in virtual time: what a run ends with for each thing that a board, a network
// or a manifest can do.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

#include "scenario/workbench.h"

namespace lastgood::test {
namespace {

using Kind = sim::ImageRequest::Kind;
using Titles = std::vector<std::string>;

class Provisioning : public testing::Test {
 protected:
  // A board that runs `older_` as known good.
  void ProvisionOlder() {
    const RunOutcome outcome = bench_.Provision(older_, {good_});
    ASSERT_EQ(outcome.code, ExitCode::kDone) << outcome.text;
    bench_.reporter.stages.clear();
    bench_.reporter.states.clear();
  }

  Workbench bench_;
  Firmware good_ = bench_.Make(Kind::kMicropython, "1.22.1");
  Firmware older_ = bench_.Make(Kind::kMicropython, "1.9.3", 2);
};

TEST_F(Provisioning, GoodFirmwareBecomesKnownGood) {
  const RunOutcome outcome = bench_.Provision(good_, {older_});
  EXPECT_EQ(outcome.code, ExitCode::kDone) << outcome.text;
  EXPECT_TRUE(outcome.changed);
  EXPECT_EQ(bench_.BoardHealth(), "healthy 1.22.1");
  EXPECT_TRUE(bench_.FlashEquals(good_));
  EXPECT_EQ(bench_.KnownGoodTitles(), Titles{"MicroPython 1.22.1"});
  EXPECT_EQ(bench_.reporter.states, (Titles{"planned", "fetched", "identified", "fallback-secured",
                                            "flashing-new", "health"}));
}

TEST_F(Provisioning, HeaderSaysTheDetectedFlashSize) {
  ASSERT_EQ(bench_.Provision(good_, {older_}).code, ExitCode::kDone);
  EXPECT_EQ(bench_.board->flash()[3] >> 4, 4) << "4 MB";
}

TEST_F(Provisioning, SecondRunWritesNothing) {
  ASSERT_EQ(bench_.Provision(good_, {older_}).code, ExitCode::kDone);
  const auto before = bench_.board->statistics();
  const RunOutcome again = bench_.Provision(good_, {older_});
  EXPECT_EQ(again.code, ExitCode::kDone) << again.text;
  EXPECT_FALSE(again.changed);
  EXPECT_EQ(bench_.board->statistics().bytes_programmed, before.bytes_programmed);
  EXPECT_EQ(bench_.board->statistics().sectors_erased, before.sectors_erased);
  EXPECT_EQ(bench_.BoardHealth(), "healthy 1.22.1");
}

// Adds a command to the first health table of a manifest.
std::string WithCommand(std::string manifest, const std::string& run) {
  const std::string end = "settle_s = 5\n";
  return manifest.insert(manifest.find(end) + end.size(), run + "\n");
}

TEST_F(Provisioning, FirmwareChecksItselfOnTheBoard) {
  const std::string run =
      R"toml(run = [{ code = "import esp; print(esp.check_fw())", expect = "True" }])toml";
  const RunOutcome outcome =
      bench_.ProvisionText(WithCommand(bench_.ManifestText(good_, {older_}), run));
  EXPECT_EQ(outcome.code, ExitCode::kDone) << outcome.text;
}

TEST_F(Provisioning, FailedCheckOnTheBoardRollsBack) {
  ProvisionOlder();
  const std::string run = R"toml(run = [{ code = "print(6 * 7)", expect = "43" }])toml";
  const RunOutcome outcome = bench_.ProvisionText(WithCommand(bench_.ManifestText(good_, {}), run));
  EXPECT_EQ(outcome.code, ExitCode::kRolledBack) << outcome.text;
  EXPECT_EQ(bench_.BoardHealth(), "healthy 1.9.3");
}

TEST_F(Provisioning, SecondRunNeedsNoFallback) {
  ASSERT_EQ(bench_.Provision(good_, {older_}).code, ExitCode::kDone);
  const RunOutcome again = bench_.Provision(good_, {});
  EXPECT_EQ(again.code, ExitCode::kDone) << again.text;
  EXPECT_FALSE(again.changed);
}

TEST_F(Provisioning, KnownGoodFirmwareThatWasOverwrittenByOthersIsWrittenAgain) {
  ASSERT_EQ(bench_.Provision(good_, {older_}).code, ExitCode::kDone);
  bench_.board->WriteFlash(0, Bytes(64 * 1024, 0xFF));
  bench_.board->SetPower(false);
  bench_.board->SetPower(true);
  const RunOutcome again = bench_.Provision(good_, {});
  EXPECT_EQ(again.code, ExitCode::kDone) << again.text;
  EXPECT_TRUE(again.changed);
  EXPECT_EQ(bench_.BoardHealth(), "healthy 1.22.1");
}

TEST_F(Provisioning, UpdateKeepsThePreviousFirmwareAsKnownGood) {
  ProvisionOlder();
  ASSERT_EQ(bench_.Provision(good_, {}).code, ExitCode::kDone);
  EXPECT_EQ(bench_.KnownGoodTitles(), (Titles{"MicroPython 1.22.1", "MicroPython 1.9.3"}));
}

// A reset pin behind a large capacitor, one that is slow to fall, and both: the loader and the
// firmware are reached with the longer holds.
TEST(SlowResetLine, IsProvisionedWithLongerHolds) {
  const auto with = [](int rise_ms, std::uint32_t pulse_ms) {
    sim::BoardOptions options;
    options.reset_rise = std::chrono::milliseconds(rise_ms);
    if (pulse_ms != 0) options.faults["slow-reset"] = pulse_ms;
    return options;
  };
  for (const auto& [rise_ms, pulse_ms] : {std::pair(40, 0U), std::pair(300, 0U), std::pair(500, 0U),
                                          std::pair(0, 300U), std::pair(300, 400U)}) {
    SCOPED_TRACE(testing::Message() << rise_ms << " ms to rise, pulses of " << pulse_ms << " ms");
    Workbench bench(with(rise_ms, pulse_ms));
    const Firmware good = bench.Make(Kind::kMicropython, "1.22.1");
    const Firmware older = bench.Make(Kind::kMicropython, "1.9.3", 2);
    RunOutcome outcome = bench.Provision(older, {good});
    EXPECT_EQ(outcome.code, ExitCode::kDone) << outcome.text << "; " << outcome.hint;
    outcome = bench.Provision(good, {});
    EXPECT_EQ(outcome.code, ExitCode::kDone) << outcome.text << "; " << outcome.hint;
    EXPECT_TRUE(bench.FlashEquals(good));
    bench.WithoutFaults();
    EXPECT_EQ(bench.BoardHealth(), "healthy 1.22.1");
  }
}

struct FailureRow {
  const char* name;
  Kind kind;
  const char* said;  // part of the health line
};

void PrintTo(const FailureRow& row, std::ostream* out) { *out << row.name; }

class FailingFirmware : public Provisioning, public testing::WithParamInterface<FailureRow> {};

TEST_P(FailingFirmware, IsRolledBackToTheKnownGood) {
  ProvisionOlder();
  const Firmware bad = bench_.Make(GetParam().kind, "2.0.0");
  const RunOutcome outcome = bench_.Provision(bad, {});
  EXPECT_EQ(outcome.code, ExitCode::kRolledBack) << outcome.text;
  EXPECT_TRUE(outcome.rolled_back);
  EXPECT_NE(bench_.reporter.LastOf("health").find(GetParam().said), std::string::npos)
      << bench_.reporter.LastOf("health");
  EXPECT_EQ(bench_.BoardHealth(), "healthy 1.9.3");
  EXPECT_TRUE(bench_.FlashEquals(older_));
  EXPECT_EQ(bench_.Running(), "MicroPython 1.9.3");
  EXPECT_EQ(bench_.KnownGoodTitles(), Titles{"MicroPython 1.9.3"});
}

TEST_P(FailingFirmware, IsNotTriedAgainUnattended) {
  ProvisionOlder();
  const Firmware bad = bench_.Make(GetParam().kind, "2.0.0");
  ASSERT_EQ(bench_.Provision(bad, {}).code, ExitCode::kRolledBack);
  const auto before = bench_.board->statistics();
  const RunOutcome again = bench_.Provision(bad, {});
  EXPECT_EQ(again.code, ExitCode::kRefused) << again.text;
  EXPECT_EQ(bench_.board->statistics().sectors_erased, before.sectors_erased);
  EXPECT_EQ(bench_.BoardHealth(), "healthy 1.9.3");
}

INSTANTIATE_TEST_SUITE_P(, FailingFirmware,
                         testing::Values(FailureRow{"BootLoop", Kind::kCrashing, "boot loop"},
                                         FailureRow{"CrashAfterThePrompt", Kind::kCrashingLate,
                                                    "Fatal exception"},
                                         FailureRow{"Silence", Kind::kSilent, ""}),
                         [](const auto& row) { return row.param.name; });

TEST_F(Provisioning, FirmwareOfAnotherVersionIsRolledBack) {
  ProvisionOlder();
  Firmware mislabelled = bench_.Make(Kind::kMicropython, "1.12.0");
  mislabelled.version = "1.13.0";
  EXPECT_EQ(bench_.Provision(mislabelled, {}).code, ExitCode::kRolledBack);
  EXPECT_EQ(bench_.BoardHealth(), "healthy 1.9.3");
}

TEST_F(Provisioning, HeaderSizeBelowTheChipsIsRefusedBeforeAnyWrite) {
  ProvisionOlder();
  Firmware incident = good_;
  incident.flash = "size = \"1MB\"";
  const auto before = bench_.board->statistics();
  const RunOutcome outcome = bench_.Provision(incident, {});
  EXPECT_EQ(outcome.code, ExitCode::kRefused);
  EXPECT_NE(outcome.text.find("would boot-loop on this 4 MB chip"), std::string::npos)
      << outcome.text;
  EXPECT_EQ(bench_.board->statistics().sectors_erased, before.sectors_erased);
  EXPECT_EQ(bench_.BoardHealth(), "healthy 1.9.3");
}

TEST_F(Provisioning, TheIncidentForcedLoopsIsNamedAndRolledBack) {
  ProvisionOlder();
  Firmware incident = good_;
  incident.flash = "size = \"1MB\"";
  RunOptions options;
  options.force = true;
  const RunOutcome outcome = bench_.Provision(incident, {}, options);
  EXPECT_EQ(outcome.code, ExitCode::kRolledBack) << outcome.text;
  EXPECT_NE(bench_.reporter.LastOf("health").find("rf_cal[0] !=0x05"), std::string::npos)
      << bench_.reporter.LastOf("health");
  EXPECT_EQ(bench_.BoardHealth(), "healthy 1.9.3");
}

TEST_F(Provisioning, TheSameImageWithTheRightSizeIsNotQuarantined) {
  ProvisionOlder();
  Firmware incident = good_;
  incident.flash = "size = \"1MB\"";
  RunOptions options;
  options.force = true;
  ASSERT_EQ(bench_.Provision(incident, {}, options).code, ExitCode::kRolledBack);
  EXPECT_EQ(bench_.Provision(good_, {}).code, ExitCode::kDone);
  EXPECT_EQ(bench_.BoardHealth(), "healthy 1.22.1");
}

TEST_F(Provisioning, AtFirmwareIsProvenByItsOwnConsole) {
  const Firmware at = bench_.Make(Kind::kAt, "1.1.0.0");
  const RunOutcome outcome = bench_.Provision(at, {good_});
  EXPECT_EQ(outcome.code, ExitCode::kDone) << outcome.text;
  EXPECT_EQ(bench_.BoardHealth().substr(0, 7), "healthy");
  EXPECT_EQ(bench_.board->flash()[3] >> 4, 2)
      << "the header keeps the 1 MB that the image is built for";
}

TEST_F(Provisioning, AtFirmwareComesBackAsFallback) {
  const Firmware at = bench_.Make(Kind::kAt, "1.1.0.0");
  const Firmware bad = bench_.Make(Kind::kCrashing, "2.0.0");
  const RunOutcome outcome = bench_.Provision(bad, {at});
  EXPECT_EQ(outcome.code, ExitCode::kRolledBack) << outcome.text;
  EXPECT_EQ(bench_.Running(), "AT firmware 1.1.0.0");
}

TEST_F(Provisioning, WithoutFallbackNothingIsWritten) {
  const RunOutcome outcome = bench_.Provision(good_, {});
  EXPECT_EQ(outcome.code, ExitCode::kRefused) << outcome.text;
  EXPECT_EQ(bench_.board->statistics().sectors_erased, 0U);
}

TEST_F(Provisioning, WithoutFallbackButInsistingItIsWritten) {
  RunOptions options;
  options.no_fallback = true;
  EXPECT_EQ(bench_.Provision(good_, {}, options).code, ExitCode::kDone);
}

TEST_F(Provisioning, FailureWithoutFallbackNeedsHands) {
  RunOptions options;
  options.no_fallback = true;
  const RunOutcome outcome = bench_.Provision(bench_.Make(Kind::kCrashing, "2.0.0"), {}, options);
  EXPECT_EQ(outcome.code, ExitCode::kNeedsHands);
  EXPECT_EQ(bench_.Running(), "");
  EXPECT_EQ(bench_.Resume(), std::nullopt) << "no loop at boot";
}

TEST_F(Provisioning, FallbackThatFailsIsFollowedByTheNext) {
  const Firmware bad = bench_.Make(Kind::kCrashing, "2.0.0");
  const Firmware also_bad = bench_.Make(Kind::kCrashing, "1.9.9", 3);
  const RunOutcome outcome = bench_.Provision(bad, {also_bad, older_});
  EXPECT_EQ(outcome.code, ExitCode::kRolledBack) << outcome.text;
  EXPECT_EQ(bench_.BoardHealth(), "healthy 1.9.3");
}

TEST_F(Provisioning, MissingFileStopsBeforeTheBoardIsTouched) {
  const std::string manifest = bench_.ManifestText(good_, {older_});
  std::filesystem::remove(bench_.directory / good_.file);
  EXPECT_EQ(bench_.ProvisionText(manifest).code, ExitCode::kCannotDownload);
  EXPECT_EQ(bench_.connects, 0);
}

TEST_F(Provisioning, WrongBytesStopBeforeTheBoardIsTouched) {
  const std::string manifest = bench_.ManifestText(good_, {older_});
  std::string text = ReadText(bench_.directory / good_.file);
  text[text.size() / 2] = static_cast<char>(text[text.size() / 2] ^ 0x10);
  WriteText(bench_.directory / good_.file, text);
  EXPECT_EQ(bench_.ProvisionText(manifest).code, ExitCode::kNotTrusted);
  EXPECT_EQ(bench_.connects, 0);
}

TEST_F(Provisioning, CachedFirmwareNeedsNoNetwork) {
  const std::string manifest = bench_.ManifestText(good_, {older_});
  ASSERT_EQ(bench_.ProvisionText(manifest).code, ExitCode::kDone);
  std::filesystem::remove(bench_.directory / good_.file);
  std::filesystem::remove(bench_.directory / older_.file);
  EXPECT_EQ(bench_.ProvisionText(manifest).code, ExitCode::kDone);
}

TEST_F(Provisioning, FallbackDamagedInTheStoreIsNotCounted) {
  ProvisionOlder();
  for (const auto& entry : std::filesystem::directory_iterator(bench_.directory / "state/images")) {
    WriteText(entry.path(), "");  // what an unsynced file was seen to come back as
  }
  const RunOutcome outcome = bench_.Provision(good_, {});
  EXPECT_EQ(outcome.code, ExitCode::kRefused) << outcome.text;
  EXPECT_EQ(bench_.BoardHealth(), "healthy 1.9.3");
}

TEST_F(Provisioning, InterruptBeforeWritingLeavesTheBoardRunning) {
  ProvisionOlder();
  const auto before = bench_.board->statistics();
  bench_.reporter.on_state = [this](const StateEvent& event) {
    if (event.state == "identified") bench_.interrupt.Request();
  };
  const RunOutcome outcome = bench_.Provision(good_, {});
  EXPECT_EQ(outcome.code, ExitCode::kInterrupted) << outcome.text;
  EXPECT_EQ(bench_.board->statistics().sectors_erased, before.sectors_erased);
  EXPECT_EQ(bench_.Running(), "MicroPython 1.9.3");
  EXPECT_EQ(bench_.Resume(), std::nullopt);
}

TEST_F(Provisioning, InterruptWhileWritingRollsBack) {
  ProvisionOlder();
  bench_.reporter.on_progress = [this](const ProgressEvent& event) {
    if (event.stage == "flash" && event.bytes_done * 2 > event.bytes_total)
      bench_.interrupt.Request();
  };
  const RunOutcome outcome = bench_.Provision(good_, {});
  EXPECT_EQ(outcome.code, ExitCode::kInterrupted) << outcome.text;
  EXPECT_TRUE(outcome.rolled_back);
  EXPECT_EQ(bench_.BoardHealth(), "healthy 1.9.3");
}

TEST_F(Provisioning, SecondInterruptLeavesTheRunForResume) {
  ProvisionOlder();
  bench_.reporter.on_progress = [this](const ProgressEvent& event) {
    if (event.bytes_done * 2 > event.bytes_total && event.stage != "fetch")
      bench_.interrupt.Request();
  };
  const RunOutcome outcome = bench_.Provision(good_, {});
  EXPECT_EQ(outcome.code, ExitCode::kInterrupted);
  EXPECT_FALSE(outcome.rolled_back);
  bench_.reporter.on_progress = nullptr;
  bench_.interrupt.Clear();
  const auto resumed = bench_.Resume();
  ASSERT_TRUE(resumed.has_value());
  EXPECT_EQ(resumed->code, ExitCode::kRolledBack) << resumed->text;
  EXPECT_EQ(bench_.BoardHealth(), "healthy 1.9.3");
}

TEST_F(Provisioning, HostStepIsAppliedOnce) {
  const std::string flag = (bench_.directory / "flag").string();
  bench_.steps = fmt::format(
      "[[step]]\nkind = \"command\"\nname = \"flag\"\ncheck = [\"test\", \"-e\", \"{0}\"]\napply = "
      "[\"touch\", \"{0}\"]\n"
      "undo = [\"rm\", \"{0}\"]\n",
      flag);
  ASSERT_EQ(bench_.Provision(good_, {older_}).code, ExitCode::kDone);
  EXPECT_TRUE(std::filesystem::exists(flag));
  const auto written = std::filesystem::last_write_time(flag);
  EXPECT_FALSE(bench_.Provision(good_, {older_}).changed);
  EXPECT_EQ(std::filesystem::last_write_time(flag), written);
}

TEST_F(Provisioning, FailingHostStepStopsBeforeTheBoardIsTouched) {
  bench_.steps =
      "[[step]]\nkind = \"command\"\nname = \"no\"\ncheck = [\"false\"]\napply = [\"false\"]\n";
  EXPECT_EQ(bench_.Provision(good_, {older_}).code, ExitCode::kSetupFailed);
  EXPECT_EQ(bench_.connects, 0);
}

}  // namespace
}  // namespace lastgood::test
