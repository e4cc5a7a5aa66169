// SPDX-License-Identifier: MIT
// Rules B4, B5, B6 and A5 of the protocol reference, section 15, as whole runs: what other firmware
// left behind must not make the new one fail.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "scenario/workbench.h"

namespace lastgood::test {
namespace {

using Kind = sim::ImageRequest::Kind;

constexpr std::uint32_t kInitData = 0x3FC000;
constexpr std::uint32_t kParameters = 0x3FD000;

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
