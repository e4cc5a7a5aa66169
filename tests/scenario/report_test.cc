// SPDX-License-Identifier: MIT
// What a run leaves for who was not there: complete, small, without secrets, and there after a
// kill.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <optional>
#include <string>
#include <vector>

#include "evidence/flash_map.h"
#include "evidence/run_report.h"
#include "record/sqlite.h"
#include "run/evidence_of.h"
#include "scenario/workbench.h"

namespace lastgood::test {
namespace {

using Kind = sim::ImageRequest::Kind;

RunRecord RecordOf(const Workbench& bench, RunId run) {
  auto record = Record::OpenReadOnly(bench.directory / "state", bench.clock);
  EXPECT_TRUE(record && *record);
  auto found = (*record)->Find(run);
  EXPECT_TRUE(found && *found) << run;
  return **found;
}

RunReport Report(const Workbench& bench, RunId run) {
  const RunRecord found = RecordOf(bench, run);
  auto record = Record::OpenReadOnly(bench.directory / "state", bench.clock);
  auto board = found.mac ? (*record)->Board(*found.mac) : std::nullopt;
  return ReportOf(found, board ? *board : std::nullopt);
}

std::string HeardIn(const RunReport& report) {
  std::string heard;
  for (const WireEvidence* wire : AllOf<WireEvidence>(report))
    for (const KeptWireEvent& kept : wire->events)
      if (kept.event.kind == WireEventKind::kHeard) heard += AsText(kept.event.octets);
  return heard;
}

class ReportScenario : public testing::Test {
 protected:
  ReportScenario() { bench_.InstallStub(1); }

  Workbench bench_;
};

TEST_F(ReportScenario, ARunThatWritesTellsAllOfIt) {
  const Firmware older = bench_.Make(Kind::kMicropython, "1.9.3", 2);
  const Firmware fresh = bench_.Make(Kind::kMicropython, "1.22.1");
  const RunOutcome outcome = bench_.Provision(fresh, {older});
  ASSERT_EQ(outcome.code, ExitCode::kDone) << outcome.text;
  const RunReport report = Report(bench_, outcome.run);
  EXPECT_EQ(AllOf<StageEvidence>(report).size(), bench_.reporter.stages.size());
  EXPECT_EQ(AllOf<StateEvidence>(report).size() + 2, report.states.size())
      << "all but the first and the last, which come with the run's beginning and end";
  EXPECT_EQ(AllOf<BeginEvidence>(report).size(), 1U);
  EXPECT_FALSE(AllOf<ProbeEvidence>(report).empty());
  const auto verdicts = AllOf<VerdictEvidence>(report);
  ASSERT_EQ(verdicts.size(), 1U);
  EXPECT_EQ(verdicts.front()->name, "healthy(1.22.1)");
  const FlashMap map(report.items);
  EXPECT_EQ(map.sectors().size(), 1024U) << "4 MB";
  EXPECT_GT(map.Count(SectorFate::kErasedAndWritten), 0U);
  EXPECT_GT(map.Count(SectorFate::kUntouched), 0U);
  EXPECT_EQ(map.Count(SectorFate::kInDoubt), 0U);
  EXPECT_NE(HeardIn(report).find(">>> "), std::string::npos);
  std::chrono::milliseconds offset{0};
  for (const EvidenceItem& item : report.items) {
    EXPECT_GE(item.offset, offset);
    offset = item.offset;
  }
  EXPECT_EQ(report.board_title.substr(0, 21), "ESP8266, 4 MB flash, ");
}

TEST_F(ReportScenario, ANightlyRunThatDoesNothingLeavesAFewKilobytes) {
  const Firmware older = bench_.Make(Kind::kMicropython, "1.9.3", 2);
  const Firmware fresh = bench_.Make(Kind::kMicropython, "1.22.1");
  ASSERT_EQ(bench_.Provision(fresh, {older}).code, ExitCode::kDone);
  const RunOutcome outcome = bench_.Provision(fresh, {older});
  ASSERT_EQ(outcome.code, ExitCode::kDone) << outcome.text;
  std::size_t size = 0;
  for (const EvidenceRow& row : RecordOf(bench_, outcome.run).evidence) size += row.content.size();
  RecordProperty("bytes", static_cast<int>(size));
  EXPECT_LT(size, 16'000U);
  EXPECT_EQ(FlashMap(Report(bench_, outcome.run).items).Count(SectorFate::kErasedAndWritten), 0U);
}

TEST_F(ReportScenario, ARollbackHasBothVerdictsAndWhatToDo) {
  const Firmware older = bench_.Make(Kind::kMicropython, "1.9.3", 2);
  const Firmware crashing = bench_.Make(Kind::kCrashing, "2.0.0");
  ASSERT_EQ(bench_.Provision(older, {crashing}).code, ExitCode::kDone);
  const RunOutcome outcome = bench_.Provision(crashing, {older});
  ASSERT_EQ(outcome.code, ExitCode::kRolledBack) << outcome.text;
  const RunReport report = Report(bench_, outcome.run);
  const auto verdicts = AllOf<VerdictEvidence>(report);
  ASSERT_EQ(verdicts.size(), 2U);
  EXPECT_FALSE(verdicts[0]->good);
  EXPECT_FALSE(verdicts[0]->lines.empty());
  EXPECT_TRUE(verdicts[1]->good);
  EXPECT_EQ(report.exit_code, 8);
  EXPECT_FALSE(RemedyOf(report).empty());
  EXPECT_NE(HeardIn(report).find("Fatal exception"), std::string::npos);
}

// What the map says against what is in the flash: nothing changed that it does not name, and what
// it calls erased reads FF. With a stub, and with the ROM's loader, which erases more than one asks
// for.
TEST(ReportMapScenario, TheMapIsTrue) {
  for (const int stub : {0, 1}) {
    Workbench bench;
    if (stub != 0) bench.InstallStub(stub);
    const Firmware older = bench.Make(Kind::kMicropython, "1.9.3", 2);
    const Firmware fresh = bench.Make(Kind::kMicropython, "1.22.1");
    ASSERT_EQ(bench.Provision(older, {fresh}).code, ExitCode::kDone);
    const Bytes before(bench.board->flash().begin(), bench.board->flash().end());
    const RunOutcome outcome = bench.Provision(fresh, {older});
    ASSERT_EQ(outcome.code, ExitCode::kDone) << outcome.text;
    const ByteSpan after = bench.board->flash();
    const FlashMap map(Report(bench, outcome.run).items);
    ASSERT_EQ(map.sectors().size() * kMapSectorBytes, after.size());
    std::size_t changed = 0;
    for (std::size_t i = 0; i < map.sectors().size(); ++i) {
      const ByteSpan now = after.subspan(i * kMapSectorBytes, kMapSectorBytes);
      const bool same =
          std::equal(now.begin(), now.end(),
                     before.begin() + static_cast<std::ptrdiff_t>(i * kMapSectorBytes));
      changed += same ? 0 : 1;
      const SectorFate fate = map.sectors()[i];
      if (fate == SectorFate::kSame) {
        EXPECT_TRUE(same) << i;
      }
      // The firmware writes too: its file system, the SDK's parameters.
      if (!same && fate == SectorFate::kUntouched) {
        EXPECT_GE(i * kMapSectorBytes, 0x60000U) << i;
      }
    }
    EXPECT_GT(changed, 0U);
    EXPECT_GE(map.Count(SectorFate::kErasedAndWritten) + map.Count(SectorFate::kErased), 10U);
  }
}

// Killed while it writes: what was found out before is there, and who takes it up goes on with it.
TEST_F(ReportScenario, AKilledRunHasAllUpToItsLastStateAndTheNextStartAppends) {
  const Firmware older = bench_.Make(Kind::kMicropython, "1.9.3", 2);
  const Firmware fresh = bench_.Make(Kind::kMicropython, "1.22.1");
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    bench_.reporter.on_progress = [](const ProgressEvent& event) {
      if (event.stage == "flash" && event.bytes_done > 0) ::raise(SIGKILL);
    };
    bench_.Provision(fresh, {older});
    ::_exit(0);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  const RunReport cut = Report(bench_, 1);
  EXPECT_FALSE(cut.ended_at);
  EXPECT_EQ(std::get<StateEvidence>(cut.items.back().content).state, "flashing-new");
  EXPECT_NE(ReportText(cut).find("ok    board "), std::string::npos);
  EXPECT_FALSE(AllOf<WireEvidence>(cut).empty());
  bench_.ReloadBoard();
  const auto resumed = bench_.Resume();
  ASSERT_TRUE(resumed);
  EXPECT_EQ(resumed->code, ExitCode::kDone) << resumed->text;
  const RunReport whole = Report(bench_, 1);
  const auto begins = AllOf<BeginEvidence>(whole);
  ASSERT_EQ(begins.size(), 2U);
  EXPECT_FALSE(begins[0]->resumed);
  EXPECT_TRUE(begins[1]->resumed);
  EXPECT_GT(whole.items.size(), cut.items.size());
  EXPECT_TRUE(std::equal(cut.items.begin(), cut.items.end(), whole.items.begin()));
}

TEST_F(ReportScenario, WhatCanNotBeKeptStopsNoRun) {
  const Firmware older = bench_.Make(Kind::kMicropython, "1.9.3", 2);
  const Firmware fresh = bench_.Make(Kind::kMicropython, "1.22.1");
  ASSERT_EQ(bench_.Provision(older, {fresh}).code, ExitCode::kDone);
  {
    const auto database =
        sqlite::Connection::Open(bench_.directory / "state/lastgood.db", sqlite::Access::kCreate,
                                 std::chrono::milliseconds(50));
    ASSERT_TRUE(database && database->RunScript("CREATE TRIGGER full BEFORE INSERT ON evidence "
                                                "BEGIN SELECT RAISE(ABORT, 'no room'); END"));
  }
  const RunOutcome outcome = bench_.Provision(fresh, {older});
  EXPECT_EQ(outcome.code, ExitCode::kDone) << outcome.text;
  EXPECT_TRUE(bench_.FlashEquals(fresh));
  EXPECT_EQ(bench_.Running(), "MicroPython 1.22.1");
  const RunReport report = Report(bench_, outcome.run);
  EXPECT_TRUE(report.items.empty());
  EXPECT_EQ(report.states.back().state, "committed");
  EXPECT_NE(ReportText(report).find("is known good"), std::string::npos);
}

// Secrets in every place where a user may put one: nothing of them is in what is kept for the
// report, nor in any form of it. The manifest is kept whole: a run is taken up again from it.
TEST_F(ReportScenario, PlantedSecretsAreInNoReport) {
  const std::vector<std::string> secrets = {"s3cretuser", "s3cretpw", "s3crettoken", "s3cretwifi",
                                            "s3cretmqtt"};
  const Firmware older = bench_.Make(Kind::kMicropython, "1.9.3", 2);
  const Firmware fresh = bench_.Make(Kind::kMicropython, "1.22.1");
  std::string manifest = bench_.ManifestText(fresh, {older});
  const auto replace = [&manifest](const std::string& what, const std::string& by) {
    const std::size_t at = manifest.find(what);
    ASSERT_NE(at, std::string::npos) << what;
    manifest.replace(at, what.size(), by);
  };
  manifest += "# http_proxy=http://s3cretuser:s3cretpw@proxy:3128\n";
  replace("urls = [\"", "urls = [\"http://127.0.0.1:1/f.bin?token=s3crettoken&x=1\", \"");
  replace("settle_s = 5\n",
          "settle_s = 5\nrun = [{ code = 'wlan.connect(\"home\",\"s3cretwifi\"); "
          "mqtt(password=\"s3cretmqtt\")', expect = \"True\" }]\n");
  const RunOutcome outcome = bench_.ProvisionText(manifest);
  EXPECT_NE(outcome.code, ExitCode::kInvalidManifest) << outcome.text;
  const RunRecord record = RecordOf(bench_, outcome.run);
  EXPECT_NE(record.start.manifest_text.find("s3cretwifi"), std::string::npos);
  const RunReport report = Report(bench_, outcome.run);
  const std::string html = ReportHtml(report);
  EXPECT_NE(html.find("127.0.0.1:1/f.bin?token=***"), std::string::npos);
  std::string kept;
  for (const EvidenceRow& row : record.evidence) kept += row.content + "\n";
  EXPECT_NE(kept.find("776c616e2e636f6e6e656374"), std::string::npos)
      << "wlan.connect went over the wire";
  for (const std::string& secret : secrets) {
    std::string hex;
    for (const char c : secret) hex += fmt::format("{:02x}", c);
    for (const std::string& place : {kept, ReportText(report), ReportJson(report).Dump(), html}) {
      EXPECT_EQ(place.find(secret), std::string::npos) << secret;
      EXPECT_EQ(place.find(hex), std::string::npos) << secret;
    }
  }
}

}  // namespace
}  // namespace lastgood::test
