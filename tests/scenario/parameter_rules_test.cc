// SPDX-License-Identifier: MIT
// Rules B4, B5, B6 and A5 of the protocol reference, section 15, as whole runs: what other firmware
// left behind must not make the new one fail.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "scenario/workbench.h"

namespace lastgood::test {
namespace {

using Kind = sim::ImageRequest::Kind;

constexpr std::uint32_t kInitData = 0x3FC000;
constexpr std::uint32_t kParameters = 0x3FD000;
constexpr std::uint32_t kFileSystem = 0x91000;

class ParameterRuns : public testing::Test {
 protected:
  Workbench bench_;
  Firmware good_ = bench_.Make(Kind::kMicropython, "1.22.1");
  Firmware older_ = bench_.Make(Kind::kMicropython, "1.9.3", 2);
  Firmware at_ = bench_.Make(Kind::kAt, "1.1.0.0");
};

TEST_F(ParameterRuns, WrongInitDataIsRepairedOnceByTheRomAlone) {
  bench_.board->WriteFlash(kInitData, Bytes(128, 0x42));
  const RunOutcome outcome = bench_.Provision(good_, {older_});
  EXPECT_EQ(outcome.code, ExitCode::kDone) << outcome.text;
  EXPECT_NE(bench_.reporter.LastOf("repair").find("0x3fb000"), std::string::npos);
  EXPECT_EQ(bench_.BoardHealth(), "healthy 1.22.1");
}

TEST_F(ParameterRuns, TheRepairIsTriedOnceOnly) {
  Firmware incident = good_;
  incident.flash = "size = \"1MB\"";
  RunOptions options;
  options.force = true;
  const RunOutcome outcome = bench_.Provision(incident, {older_}, options);
  EXPECT_EQ(outcome.code, ExitCode::kRolledBack) << "the header is the fault, not the sectors";
  EXPECT_EQ(bench_.reporter.LastOf("repair"), "");
}

// Another firmware's parameters where nobody could look before: the ROM loader does not read.
TEST_F(ParameterRuns, StaleParametersAreClearedOnceByTheRomAlone) {
  bench_.board->WriteFlash(kParameters, AsBytes("paramA"));
  const RunOutcome outcome = bench_.Provision(good_, {older_});
  EXPECT_EQ(outcome.code, ExitCode::kDone) << outcome.text;
  EXPECT_EQ(bench_.reporter.LastOf("repair"),
            "the SDK's sectors at 0x3fb000 to 0x400000 cleared, once, for the firmware to make "
            "anew; no copy was kept: this loader can not read flash");
}

// No copy of a blank flash is kept: nobody is sent to one.
TEST_F(ParameterRuns, WhatIsClearedOnABoardThatWasBlankIsKeptByItself) {
  bench_.InstallStub(1);
  bench_.reporter.on_state = [this](const StateEvent& event) {
    if (event.state == "health") bench_.board->WriteFlash(kParameters, AsBytes("paramA"));
  };
  EXPECT_EQ(bench_.Provision(good_, {older_}).code, ExitCode::kDone);
  const std::string said = bench_.reporter.LastOf("repair");
  EXPECT_EQ(said.find("backup"), std::string::npos) << said;
  EXPECT_NE(said.find("a copy is in /"), std::string::npos) << said;
}

// The ROM loader does not read: what was written last is all there is to go by.
TEST_F(ParameterRuns, EachFallbackIsClearedOfWhatTheOneBeforeItLeft) {
  std::vector<std::string> said;
  bench_.reporter.on_stage = [&said](const StageEvent& event) {
    if (event.stage == "rollback" && event.text.find("are cleared for") != std::string::npos)
      said.push_back(event.text);
  };
  Firmware mislabelled = older_;
  mislabelled.version = "1.9.4";
  Firmware other = at_;
  other.health = "micropython";  // which it does not answer as
  EXPECT_EQ(bench_.Provision(mislabelled, {other, good_}).code, ExitCode::kRolledBack);
  EXPECT_EQ(said,
            (std::vector<std::string>{
                "parameters of MicroPython at 0xfb000 to 0x100000 are cleared for AT firmware",
                "parameters of AT firmware at 0x3fb000 to 0x400000 are cleared for "
                "MicroPython"}));
}

TEST_F(ParameterRuns, WhatIsClearedIsKeptAndSaidWhere) {
  bench_.InstallStub(1);
  ASSERT_EQ(bench_.Provision(older_, {good_}).code, ExitCode::kDone);
  bench_.board->WriteFlash(kParameters, AsBytes("paramA"));
  const RunOutcome outcome = bench_.Provision(good_, {});
  EXPECT_EQ(outcome.code, ExitCode::kDone) << outcome.text;
  const std::string said = bench_.reporter.LastOf("repair");
  const std::size_t at = said.find("a copy is in ");
  ASSERT_NE(at, std::string::npos) << said;
  const Bytes kept = ReadAll(said.substr(at + 13));
  ASSERT_EQ(kept.size(), 0x5000U);
  EXPECT_EQ(AsText(kept).substr(kParameters - 0x3FB000, 6), "paramA");
}

// The sectors are cleared, and the next start finds the same there again.
TEST_F(ParameterRuns, ARepairThatDoesNotHelpIsToldWithTheVerdict) {
  bench_.board->WriteFlash(kParameters, AsBytes("paramA"));
  bench_.reporter.on_stage = [this](const StageEvent& event) {
    if (event.stage == "repair") bench_.board->WriteFlash(kParameters, AsBytes("paramA"));
  };
  const RunOutcome outcome = bench_.Provision(good_, {older_});
  EXPECT_TRUE(bench_.reporter.LastOf("repair").starts_with("it did not help: boot-loop("))
      << bench_.reporter.LastOf("repair");
  EXPECT_TRUE(
      outcome.text.starts_with("MicroPython 1.22.1 did not prove itself, not after a "
                               "repair either"))
      << outcome.text;
}

// MicroPython over AT firmware that nobody could read: what lies where it keeps its files is none
// of a user's when AT firmware answered before.
TEST_F(ParameterRuns, FileSystemPlaceIsClearedWhereAtFirmwareRan) {
  ASSERT_EQ(bench_.Provision(at_, {good_}).code, ExitCode::kDone);
  bench_.board->WriteFlash(kFileSystem, Bytes(4096, 0x42));
  const RunOutcome outcome = bench_.Provision(good_, {});
  EXPECT_EQ(outcome.code, ExitCode::kDone) << outcome.text;
  EXPECT_TRUE(bench_.reporter.LastOf("repair").starts_with(
      "what AT firmware left at 0x91000 to 0x93000 cleared, once"))
      << bench_.reporter.LastOf("repair");
}

TEST_F(ParameterRuns, FileSystemOfNobodyKnowsWhomIsLeftAlone) {
  bench_.board->WriteFlash(kFileSystem, Bytes(4096, 0x42));
  const RunOutcome outcome = bench_.Provision(good_, {older_});
  EXPECT_EQ(bench_.reporter.LastOf("repair"),
            "none is made: what lies at 0x91000 may be somebody's files, and stays as it is");
  EXPECT_EQ(bench_.board->flash()[kFileSystem], 0x42);
  EXPECT_NE(outcome.code, ExitCode::kDone);
}

TEST_F(ParameterRuns, ParametersOfAtFirmwareGoBeforeMicropythonStarts) {
  Firmware at4 = at_;
  at4.flash = "size = \"4MB\"";
  ASSERT_EQ(bench_.Provision(at4, {good_}).code, ExitCode::kDone);
  ASSERT_NE(bench_.board->flash()[kParameters], 0xFF) << "the SDK has written its parameters";
  const RunOutcome outcome = bench_.Provision(good_, {});
  EXPECT_EQ(outcome.code, ExitCode::kDone) << outcome.text;
  EXPECT_NE(bench_.reporter.LastOf("flash"), "");
  EXPECT_EQ(bench_.BoardHealth(), "healthy 1.22.1");
}

}  // namespace
}  // namespace lastgood::test
