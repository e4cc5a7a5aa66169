// SPDX-License-Identifier: MIT
// The process is killed (SIGKILL, in a child) on entering each state of a run and in the middle of
// each write; the next start must end with a healthy board and a record that tells the truth about
// its flash.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <functional>
#include <ostream>
#include <string>
#include <tuple>
#include <vector>

#include "digest/digest.h"
#include "scenario/workbench.h"

namespace lastgood::test {
namespace {

using Kind = sim::ImageRequest::Kind;

// Runs `work` in a child that is expected to kill itself.
void InKilledChild(const std::function<void()>& work) {
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    work();
    ::_exit(0);  // it was not killed
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
      << "the child ended by itself: " << status;
}

struct KillRow {
  std::string name;
  Kind kind;          // of the new firmware
  std::string state;  // killed on entering it …
  int percent = -1;   // … or at this share of a write in stage `write_stage`
  std::string write_stage;
};

// What googletest prints of a row.
void PrintTo(const KillRow& row, std::ostream* out) { *out << row.name; }

// The row, and the generation of the installed stub loader; 0: none is.
class Killed : public testing::TestWithParam<std::tuple<KillRow, int>> {};

TEST_P(Killed, RunEndsWithAHealthyBoardAndATrueRecord) {
  const KillRow& row = std::get<0>(GetParam());
  Workbench bench;
  if (const int stub = std::get<1>(GetParam()); stub != 0) bench.InstallStub(stub);
  const Firmware older = bench.Make(Kind::kMicropython, "1.9.3", 2);
  const Firmware fresh = bench.Make(row.kind, "1.22.1");
  ASSERT_EQ(bench.Provision(older, {fresh}).code, ExitCode::kDone);

  InKilledChild([&] {
    bench.reporter.on_state = [&row](const StateEvent& event) {
      if (row.percent < 0 && event.state == row.state) ::raise(SIGKILL);
    };
    bench.reporter.on_progress = [&row](const ProgressEvent& event) {
      if (row.percent >= 0 && event.stage == row.write_stage &&
          event.bytes_done * 100 >= event.bytes_total * static_cast<std::uint64_t>(row.percent)) {
        ::raise(SIGKILL);
      }
    };
    static_cast<void>(bench.Provision(fresh, {}));
  });

  bench.ReloadBoard();  // what the child programmed is in the flash file
  const auto resumed = bench.Resume();
  ASSERT_TRUE(resumed.has_value()) << "the cut run was forgotten";
  const std::string health = bench.BoardHealth();
  ASSERT_EQ(health.substr(0, 8), "healthy ") << resumed->text;
  EXPECT_EQ(bench.Running(), "MicroPython " + health.substr(8));
  EXPECT_TRUE(bench.FlashEquals(health == "healthy 1.9.3" ? older : fresh));
  EXPECT_EQ(bench.KnownGoodTitles().front(), bench.Running());
  EXPECT_EQ(bench.Resume(), std::nullopt) << "nothing is left to resume";

  const auto before = bench.board->statistics();
  const RunOutcome again = bench.Provision(health == "healthy 1.9.3" ? older : fresh, {});
  EXPECT_EQ(again.code, ExitCode::kDone) << again.text;
  EXPECT_EQ(bench.board->statistics().sectors_erased, before.sectors_erased)
      << "a second run changes nothing";
}

struct TwiceRow {
  const char* name;
  Kind kind;           // of the new firmware
  const char* first;   // killed on entering it,
  const char* second;  // and, when that is resumed, on entering this one
};
void PrintTo(const TwiceRow& row, std::ostream* out) { *out << row.name; }

class KilledTwice : public testing::TestWithParam<TwiceRow> {};

// The resumed run is behind no state that has not changed the board.
TEST_P(KilledTwice, BoardThatTheFirstCutLeftUnprovenIsNotForgotten) {
  const TwiceRow& row = GetParam();
  Workbench bench;
  const Firmware older = bench.Make(Kind::kMicropython, "1.9.3", 2);
  const Firmware fresh = bench.Make(row.kind, "1.22.1");
  ASSERT_EQ(bench.Provision(older, {fresh}).code, ExitCode::kDone);
  const auto killed_in = [&bench](const char* state) {
    bench.reporter.on_state = [state](const StateEvent& event) {
      if (event.state == state) ::raise(SIGKILL);
    };
  };
  InKilledChild([&] {
    killed_in(row.first);
    static_cast<void>(bench.Provision(fresh, {}));
  });
  bench.ReloadBoard();
  bench.board->WriteFlash(0x2000, Bytes(0x4000, 0x00));  // in the middle of the write
  InKilledChild([&] {
    killed_in(row.second);
    static_cast<void>(bench.Resume());
  });
  bench.ReloadBoard();
  const auto finished = bench.FinishUnproven();
  ASSERT_TRUE(finished.has_value()) << "taken for a run that had changed nothing";
  EXPECT_EQ(bench.BoardHealth().substr(0, 8), "healthy ") << finished->text;
  EXPECT_EQ(bench.Resume(), std::nullopt);
}

INSTANTIATE_TEST_SUITE_P(
    , KilledTwice,
    testing::Values(
        TwiceRow{"WritingThenIdentifying", Kind::kMicropython, "flashing-new", "identified"},
        TwiceRow{"WritingThenSecuring", Kind::kMicropython, "flashing-new", "fallback-secured"},
        TwiceRow{"CheckingThenIdentifying", Kind::kMicropython, "health", "identified"},
        TwiceRow{"RollingBackThenIdentifying", Kind::kCrashing, "flashing-fallback", "identified"}),
    [](const auto& row) { return row.param.name; });

TEST(KilledStubRun, HalfWrittenFlashIsNotTakenForABackup) {
  Workbench bench;
  bench.InstallStub(1);
  const Firmware older = bench.Make(Kind::kMicropython, "1.9.3", 2);
  const Firmware fresh = bench.Make(Kind::kMicropython, "1.22.1");
  InKilledChild([&] {
    bench.reporter.on_progress = [](const ProgressEvent& event) {
      if (event.stage == "flash" && event.bytes_done * 2 >= event.bytes_total) ::raise(SIGKILL);
    };
    static_cast<void>(bench.Provision(fresh, {older}));  // a blank board
  });
  bench.ReloadBoard();
  const Bytes image = ReadAll(bench.directory / fresh.file);
  bench.board->WriteFlash(0, ByteSpan(image).first(image.size() / 2));
  const auto resumed = bench.Resume();
  ASSERT_TRUE(resumed.has_value());
  EXPECT_EQ(resumed->code, ExitCode::kDone) << resumed->text;
  EXPECT_EQ(bench.reporter.LastOf("backup"), "");
  EXPECT_EQ(bench.BackupTitles(), std::vector<std::string>{});
}

TEST(KilledStubRun, LostFallbackDoesNotKeepTheNewFirmwareFromAHalfWrittenBoard) {
  Workbench bench;
  bench.InstallStub(1);
  const Firmware older = bench.Make(Kind::kMicropython, "1.9.3", 2);
  const Firmware fresh = bench.Make(Kind::kMicropython, "1.22.1");
  InKilledChild([&] {
    bench.reporter.on_progress = [](const ProgressEvent& event) {
      if (event.stage == "flash") ::raise(SIGKILL);
    };
    static_cast<void>(bench.Provision(fresh, {older}));
  });
  bench.ReloadBoard();
  const Bytes image = ReadAll(bench.directory / older.file);
  std::filesystem::remove(bench.directory / older.file);
  std::filesystem::remove(bench.directory / "state/images" / Sha256(image).ToHex());
  const auto resumed = bench.Resume();
  ASSERT_TRUE(resumed.has_value());
  EXPECT_EQ(resumed->code, ExitCode::kDone) << resumed->text << "; " << resumed->hint;
  EXPECT_EQ(bench.BoardHealth(), "healthy 1.22.1");
}

struct CutRow {
  const char* name;
  const char* stage;  // killed in it at this share
  unsigned percent;
  bool differential = false;  // a few sectors differ; else AT firmware of which nothing is known
};
void PrintTo(const CutRow& row, std::ostream* out) { *out << row.name; }

class KilledWithStub : public testing::TestWithParam<std::tuple<CutRow, int>> {};

TEST_P(KilledWithStub, RunIsTakenUpWhereTheBoardIs) {
  const CutRow& row = std::get<0>(GetParam());
  const std::string stage = row.stage;
  const unsigned percent = row.percent;
  Workbench bench;
  bench.InstallStub(std::get<1>(GetParam()));
  const Firmware fresh = bench.Make(Kind::kMicropython, "1.22.1");
  const Firmware older = bench.Make(Kind::kMicropython, "1.9.3", 2);
  Firmware at = bench.Make(Kind::kAt, "1.1.0.0");
  at.flash = "size = \"4MB\"";
  ASSERT_EQ(bench.Provision(row.differential ? fresh : at, {older}).code, ExitCode::kDone);
  if (row.differential) {
    for (const std::uint32_t sector : {2U, 5U, 6U, 12U})
      bench.board->WriteFlash(sector * 4096, Bytes(64, 0x00));
  } else {
    std::filesystem::remove_all(bench.directory / "state");
  }
  InKilledChild([&] {
    bench.reporter.on_progress = [&](const ProgressEvent& event) {
      if (event.stage == stage && event.bytes_done * 100 >= event.bytes_total * percent)
        ::raise(SIGKILL);
    };
    static_cast<void>(bench.Provision(fresh, {older}));
  });
  bench.ReloadBoard();
  const auto resumed = bench.Resume();
  ASSERT_TRUE(resumed.has_value());
  EXPECT_EQ(resumed->code, ExitCode::kDone) << resumed->text;
  EXPECT_EQ(bench.BoardHealth(), "healthy 1.22.1");
  EXPECT_TRUE(bench.FlashEquals(fresh));
  const std::vector<std::string> backup = {"backup-of-AT 1.1.0.0"};
  EXPECT_EQ(bench.BackupTitles(), row.differential ? std::vector<std::string>{} : backup);
}

INSTANTIATE_TEST_SUITE_P(
    , KilledWithStub,
    testing::Combine(testing::Values(CutRow{"ReadingTheBackup", "backup", 50},
                                     CutRow{"WithParametersCleared", "flash", 0},
                                     CutRow{"Writing", "flash", 50},
                                     CutRow{"WithTheLastBlockSent", "flash", 100},
                                     CutRow{"WritingWhatDiffers", "flash", 85, true}),
                     testing::Values(1, 2)),
    [](const auto& row) {
      return std::string(std::get<0>(row.param).name) + "Generation" +
             std::to_string(std::get<1>(row.param));
    });

std::vector<KillRow> Rows() {
  std::vector<KillRow> rows;
  for (const char* state :
       {"planned", "fetched", "identified", "fallback-secured", "flashing-new", "health"}) {
    rows.push_back({fmt::format("Good{}", rows.size()), Kind::kMicropython, state, -1, ""});
  }
  for (const char* state : {"flashing-new", "health", "flashing-fallback"}) {
    rows.push_back({fmt::format("Bad{}", rows.size()), Kind::kCrashing, state, -1, ""});
  }
  for (const int percent : {1, 50, 99}) {
    rows.push_back({fmt::format("Write{}", rows.size()), Kind::kMicropython, "", percent, "flash"});
    rows.push_back(
        {fmt::format("Rollback{}", rows.size()), Kind::kCrashing, "", percent, "rollback"});
  }
  for (KillRow& row : rows) {
    std::string where =
        row.percent < 0 ? row.state : fmt::format("{}At{}", row.write_stage, row.percent);
    std::erase(where, '-');
    row.name =
        fmt::format("{}{}", row.kind == Kind::kCrashing ? "BadFirmware" : "GoodFirmware", where);
  }
  return rows;
}

INSTANTIATE_TEST_SUITE_P(, Killed,
                         testing::Combine(testing::ValuesIn(Rows()), testing::Values(0, 1, 2)),
                         [](const auto& row) {
                           const int stub = std::get<1>(row.param);
                           return std::get<0>(row.param).name +
                                  (stub == 0 ? "" : fmt::format("Stub{}", stub));
                         });

TEST(KilledAndExchanged, AnotherBoardOnTheWireIsLeftAlone) {
  Workbench bench;
  const Firmware older = bench.Make(Kind::kMicropython, "1.9.3", 2);
  const Firmware fresh = bench.Make(Kind::kMicropython, "1.22.1");
  ASSERT_EQ(bench.Provision(older, {fresh}).code, ExitCode::kDone);
  InKilledChild([&] {
    bench.reporter.on_progress = [](const ProgressEvent& event) {
      if (event.stage == "flash" && event.bytes_done > 0) ::raise(SIGKILL);
    };
    static_cast<void>(bench.Provision(fresh, {}));
  });

  sim::BoardOptions options;
  options.mac.octets[5] = 0x42;
  bench.board = *sim::SimulatedBoard::Make(options, bench.clock);
  const auto resumed = bench.Resume();
  ASSERT_TRUE(resumed.has_value()) << "the cut run was forgotten";
  EXPECT_EQ(resumed->code, ExitCode::kNeedsHands);
  EXPECT_NE(resumed->text.find("is meant"), std::string::npos) << resumed->text;
  EXPECT_EQ(bench.board->statistics().sectors_erased, 0U);
  EXPECT_EQ(bench.board->statistics().bytes_programmed, 0U);
}

}  // namespace
}  // namespace lastgood::test
