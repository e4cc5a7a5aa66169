// SPDX-License-Identifier: MIT
// Several boards at once, on threads and therefore in real time: each has its own run, and one that
// fails harms no other.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "run/boards_run.h"
#include "scenario/workbench.h"

namespace lastgood::test {
namespace {

using Kind = sim::ImageRequest::Kind;

constexpr std::uint32_t kNonce = 7;

// Boards by the names of their serial devices.
class Desk final : public BoardConnector {
 public:
  explicit Desk(Clock& clock) : clock_(clock) {}

  void Add(const std::string& device, std::uint8_t last_octet, bool unpowered = false) {
    sim::BoardOptions options;
    options.mac.octets[5] = last_octet;
    options.unpowered = unpowered;
    auto board = sim::SimulatedBoard::Make(options, clock_);
    ASSERT_TRUE(board) << board.error().message;
    boards[device] = *std::move(board);
  }
  Result<BoardConnection> Connect(const BoardSpec&, const std::string& device) override {
    const std::shared_ptr<sim::SimulatedBoard>& board = boards.at(device);
    return BoardConnection{board, board->OpenSerialPort(), board->OpenLines()};
  }

  std::map<std::string, std::shared_ptr<sim::SimulatedBoard>> boards;

 private:
  Clock& clock_;
};

class Boards : public testing::Test {
 protected:
  Boards() { bench_.InstallStub(1); }

  std::vector<BoardResult> Provision(const Firmware& firmware,
                                     const std::vector<Firmware>& fallbacks,
                                     const std::vector<std::string>& devices) {
    std::string notice;
    const auto state = bench_.directory / "state";
    auto store = ArtifactStore::Open(state);
    auto record = Record::Open(state, clock_, notice);
    EXPECT_TRUE(store && record);
    const StubLibrary stubs({bench_.directory / "stubs"});
    Seams seams{clock_,  bench_.reporter, http_,      process_runner_,       desk_,
                *record, *store,          interrupt_, [] { return kNonce; }, &stubs};
    auto manifest = ParseManifest(bench_.ManifestText(firmware, fallbacks), "test.toml");
    auto recipe = ParseRecipe(
        "schema = 1\nname = \"bench\"\ntitle = \"b\"\n[board]\nchip = \"esp8266\"\nserial = "
        "[\"sim:\"]\nbaud = [921600]\n[board.lines]\nkind = \"none\"\n",
        "bench.toml");
    EXPECT_TRUE(manifest && recipe);
    auto plan = MakePlan(*std::move(manifest), *std::move(recipe));
    EXPECT_TRUE(plan);
    RunOptions options;
    options.no_backup = true;
    auto results = ProvisionBoards(
        seams, [&] { return Record::Open(state, clock_, notice); }, *plan,
        {"provision", "test.toml", "bench.toml"}, options, devices);
    EXPECT_TRUE(results) << results.error().message;
    return results ? *std::move(results) : std::vector<BoardResult>();
  }

  std::vector<BoardRecord> Recorded() {
    std::string notice;
    auto record = Record::Open(bench_.directory / "state", clock_, notice);
    EXPECT_TRUE(record);
    auto boards = record->Boards();
    EXPECT_TRUE(boards);
    return *std::move(boards);
  }

  Workbench bench_;  // its files, its stub and its reporter; not its board
  SystemClock clock_;
  Interrupt interrupt_;
  CurlHttpClient http_;
  PosixProcessRunner process_runner_;
  Desk desk_{clock_};
  Firmware good_ = bench_.Make(Kind::kMicropython, "1.22.1");
  Firmware older_ = bench_.Make(Kind::kMicropython, "1.9.3", 2);
};

TEST_F(Boards, OneThatIsOffHarmsNoOther) {
  desk_.Add("one", 1);
  desk_.Add("off", 2, /*unpowered=*/true);
  desk_.Add("two", 3);
  const auto results = Provision(good_, {older_}, {"one", "off", "two"});
  ASSERT_EQ(results.size(), 3U);
  EXPECT_EQ(results[0].outcome.code, ExitCode::kDone) << results[0].outcome.text;
  EXPECT_EQ(results[1].outcome.code, ExitCode::kBoard) << results[1].outcome.text;
  EXPECT_EQ(results[2].outcome.code, ExitCode::kDone) << results[2].outcome.text;
  EXPECT_EQ(MostSerious(results), ExitCode::kBoard);
  EXPECT_NE(results[0].outcome.run, results[2].outcome.run);
  const auto recorded = Recorded();
  ASSERT_EQ(recorded.size(), 2U) << "the one that is off was never identified";
  for (const BoardRecord& board : recorded) {
    EXPECT_EQ(board.running, "MicroPython 1.22.1");
    EXPECT_EQ(board.known_good.size(), 1U);
  }
  for (const StageEvent& stage : bench_.reporter.stages) EXPECT_NE(stage.device, "");
}

TEST_F(Boards, EachGoesBackToItsOwnKnownGood) {
  desk_.Add("one", 1);
  desk_.Add("two", 2);
  ASSERT_EQ(MostSerious(Provision(older_, {good_}, {"one", "two"})), ExitCode::kDone);
  const Firmware bad = bench_.Make(Kind::kCrashing, "2.0.0");
  const auto results = Provision(bad, {}, {"one", "two"});
  ASSERT_EQ(results.size(), 2U);
  for (const BoardResult& result : results) {
    EXPECT_EQ(result.outcome.code, ExitCode::kRolledBack) << result.outcome.text;
    EXPECT_EQ(result.outcome.firmware, "MicroPython 1.9.3");
  }
}

TEST_F(Boards, OneBoardOnTwoDevicesIsWrittenOnce) {
  desk_.Add("one", 1);
  desk_.Add("same", 1);
  const auto results = Provision(good_, {older_}, {"one", "same"});
  ASSERT_EQ(results.size(), 2U);
  const int done = (results[0].outcome.code == ExitCode::kDone ? 1 : 0) +
                   (results[1].outcome.code == ExitCode::kDone ? 1 : 0);
  const int busy = (results[0].outcome.code == ExitCode::kBusy ? 1 : 0) +
                   (results[1].outcome.code == ExitCode::kBusy ? 1 : 0);
  EXPECT_EQ(done, 1);
  EXPECT_EQ(busy, 1);
}

TEST_F(Boards, GroundworkThatIsInterruptedEndsEveryRun) {
  desk_.Add("one", 1);
  desk_.Add("two", 2);
  interrupt_.Request();
  const auto results = Provision(older_, {}, {"one", "two"});
  ASSERT_EQ(results.size(), 2U);
  for (const BoardResult& result : results)
    EXPECT_EQ(result.outcome.code, ExitCode::kInterrupted) << result.outcome.text;
  EXPECT_EQ(MostSerious(results), ExitCode::kInterrupted);
  EXPECT_TRUE(Recorded().empty());
}

TEST(MostSerious, IsTheOneThatNeedsAPersonFirst) {
  const auto with = [](std::vector<ExitCode> codes) {
    std::vector<BoardResult> results;
    for (const ExitCode code : codes) {
      results.emplace_back();
      results.back().outcome.code = code;
    }
    return MostSerious(results);
  };
  EXPECT_EQ(with({ExitCode::kDone, ExitCode::kDone}), ExitCode::kDone);
  EXPECT_EQ(with({ExitCode::kBoard, ExitCode::kRolledBack}), ExitCode::kRolledBack);
  EXPECT_EQ(with({ExitCode::kRolledBack, ExitCode::kNeedsHands, ExitCode::kDone}),
            ExitCode::kNeedsHands);
  EXPECT_EQ(with({ExitCode::kDone, ExitCode::kBusy}), ExitCode::kBusy);
}

}  // namespace
}  // namespace lastgood::test
