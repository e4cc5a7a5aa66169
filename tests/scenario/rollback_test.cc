// SPDX-License-Identifier: MIT
// Which firmware a board goes back to by hand, and what stays known good.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "scenario/workbench.h"

namespace lastgood::test {
namespace {

using Kind = sim::ImageRequest::Kind;
using Titles = std::vector<std::string>;

class GoingBack : public testing::Test {
 protected:
  Firmware Version(const std::string& version) {
    return bench_.Make(Kind::kMicropython, version, ++seed_);
  }
  void Prove(const Firmware& firmware, const std::vector<Firmware>& fallbacks = {}) {
    RunOptions options;
    options.no_fallback = true;
    ASSERT_EQ(bench_.Provision(firmware, fallbacks, options).code, ExitCode::kDone);
  }

  Workbench bench_;
  std::uint32_t seed_ = 0;
};

TEST_F(GoingBack, TheThirdPushesOutTheFirst) {
  for (const char* version : {"1.9.3", "1.12.0", "1.22.1"}) Prove(Version(version));
  EXPECT_EQ(bench_.KnownGoodTitles(), (Titles{"MicroPython 1.22.1", "MicroPython 1.12.0"}));
}

TEST_F(GoingBack, TheOlderOneBecomesTheNewestAndBothAreKept) {
  for (const char* version : {"1.9.3", "1.12.0", "1.22.1"}) Prove(Version(version));
  EXPECT_EQ(bench_.RollBack().code, ExitCode::kDone);
  EXPECT_EQ(bench_.KnownGoodTitles(), (Titles{"MicroPython 1.12.0", "MicroPython 1.22.1"}));
  EXPECT_EQ(bench_.RollBack().code, ExitCode::kDone) << "and forth";
  EXPECT_EQ(bench_.BoardHealth(), "healthy 1.22.1");
}

TEST_F(GoingBack, AutomaticRollbackKeepsBoth) {
  for (const char* version : {"1.9.3", "1.12.0"}) Prove(Version(version));
  ASSERT_EQ(bench_.Provision(bench_.Make(Kind::kCrashing, "2.0.0"), {}).code,
            ExitCode::kRolledBack);
  EXPECT_EQ(bench_.KnownGoodTitles(), (Titles{"MicroPython 1.12.0", "MicroPython 1.9.3"}));
}

TEST_F(GoingBack, WhatFailedSinceItWasProvenIsTheLastResort) {
  const Firmware pinned = Version("1.9.3");
  const Firmware older = Version("1.12.0");
  const Firmware newer = Version("1.22.1");
  Prove(older);
  Prove(newer);
  Firmware mislabelled = newer;
  mislabelled.version = "1.23.0";
  ASSERT_EQ(bench_.Provision(mislabelled, {pinned}).code, ExitCode::kRolledBack);
  ASSERT_EQ(bench_.KnownGoodTitles(), (Titles{"MicroPython 1.12.0", "MicroPython 1.22.1"}));
  EXPECT_EQ(bench_.RollBack().code, ExitCode::kDone);
  EXPECT_EQ(bench_.Running(), "MicroPython 1.9.3");
}

TEST_F(GoingBack, AutomaticRollbackDoesNotBeginWithWhatFailedSinceEither) {
  const Firmware newer = Version("1.22.1");
  Prove(Version("1.12.0"));
  Prove(newer);
  Firmware mislabelled = newer;
  mislabelled.version = "1.23.0";
  bench_.reporter.on_state = [this](const StateEvent& event) {
    if (event.state == "flashing-fallback") bench_.deaf = true;
  };
  ASSERT_EQ(bench_.Provision(mislabelled, {}).code, ExitCode::kNeedsHands);
  bench_.reporter.on_state = nullptr;
  bench_.deaf = false;
  ASSERT_EQ(bench_.KnownGoodTitles(), (Titles{"MicroPython 1.22.1", "MicroPython 1.12.0"}));
  ASSERT_EQ(bench_.Provision(bench_.Make(Kind::kCrashing, "2.0.0"), {}).code,
            ExitCode::kRolledBack);
  EXPECT_EQ(bench_.Running(), "MicroPython 1.12.0");
}

struct WantedRow {
  const char* wanted;
  ExitCode code;
  const char* says;  // Title() that runs, or the whole text of the refusal
};

// Known good: 1.22.1 (runs) and 1.9.3; pinned in the manifest: 1.2.0, 1.22 and AT 1.2.0.
TEST_F(GoingBack, VersionIsNamedExactlyOrByItsComponents) {
  const Firmware at = bench_.Make(Kind::kAt, "1.2.0");
  Prove(Version("1.9.3"));
  Prove(Version("1.22.1"), {Version("1.2.0"), Version("1.22"), at});
  for (const WantedRow& row :
       {WantedRow{"1.7", ExitCode::kRefused,
                  "no firmware of version '1.7' is known for board 18:fe:34:ab:cd:ef"},
        WantedRow{"1.2", ExitCode::kUsage, "'1.2' may be MicroPython 1.2.0, AT firmware 1.2.0"},
        WantedRow{"1.2.0", ExitCode::kUsage, "'1.2.0' may be MicroPython 1.2.0, AT firmware 1.2.0"},
        WantedRow{"1", ExitCode::kUsage,
                  "'1' may be MicroPython 1.22.1, MicroPython 1.9.3, MicroPython 1.2.0, "
                  "MicroPython 1.22, AT firmware 1.2.0"},
        WantedRow{"1.9", ExitCode::kDone, "MicroPython 1.9.3"},
        WantedRow{"1.22", ExitCode::kDone, "MicroPython 1.22"}}) {
    SCOPED_TRACE(row.wanted);
    const RunOutcome outcome = bench_.RollBack(row.wanted);
    EXPECT_EQ(outcome.code, row.code) << outcome.text;
    EXPECT_EQ(row.code == ExitCode::kDone ? bench_.Running() : outcome.text, row.says);
    if (row.code == ExitCode::kDone) {
      // The manifest with the fallbacks again.
      Prove(bench_.Make(Kind::kMicropython, "1.22.1", 2),
            {bench_.Make(Kind::kMicropython, "1.2.0", 3),
             bench_.Make(Kind::kMicropython, "1.22", 4), at});
    }
  }
}

}  // namespace
}  // namespace lastgood::test
