// SPDX-License-Identifier: MIT
#include "run/replay.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "report/null_reporter.h"
#include "run/board_health.h"
#include "run/board_session.h"
#include "run/recording_connector.h"
#include "sim/image_factory.h"
#include "sim/simulated_board.h"
#include "support/temporary_directory.h"

namespace lastgood {
namespace {

namespace fs = std::filesystem;
using sim::ImageRequest;

constexpr std::uint8_t kOneMegabyte = 2;  // the header's size nibble
constexpr std::uint8_t kFourMegabytes = 4;

HealthSpec SpecOf(HealthKind kind) {
  HealthSpec spec;
  spec.kind = kind;
  return spec;
}

class KeptEvents final : public WireLog {
 public:
  void Add(WireEvent event) override { capture.events.push_back(std::move(event)); }
  Capture capture;
};

// A person takes a while.
class HandLines final : public BoardLines {
 public:
  HandLines(std::unique_ptr<BoardLines> lines, Clock& clock)
      : lines_(std::move(lines)), clock_(clock) {}
  Result<void> Reset(BoardMode mode, int patience) override {
    clock_.SleepFor(std::chrono::seconds(40));
    return lines_->Reset(mode, patience);
  }
  LinesMover MovedBy() const override { return LinesMover::kPerson; }
  std::string Name() const override { return "hand"; }

 private:
  std::unique_ptr<BoardLines> lines_;
  Clock& clock_;
};

// A simulated board, and everything that goes over its wires.
class ReplayTest : public testing::Test, public BoardConnector {
 protected:
  void Power(sim::BoardOptions options, std::optional<Bytes> image) {
    auto board = sim::SimulatedBoard::Make(options, clock_);
    ASSERT_TRUE(board) << board.error().message;
    board_ = *std::move(board);
    if (image) board_->WriteFlash(0, *image);
  }
  static Bytes Image(ImageRequest::Kind kind, std::string version, std::uint8_t size_nibble) {
    Bytes image = sim::MakeImage({.kind = kind, .version = std::move(version)});
    image[3] = static_cast<std::uint8_t>((image[3] & 0x0f) | size_nibble << 4);
    return image;
  }
  Result<BoardConnection> Connect(const BoardSpec&, const std::string&) override {
    std::unique_ptr<BoardLines> lines = board_->OpenLines();
    if (by_hand_) lines = std::make_unique<HandLines>(std::move(lines), clock_);
    return BoardConnection{nullptr, board_->OpenSerialPort(), std::move(lines), {}};
  }
  // The verdict on the board; `capture_` has what went over its wires.
  std::string Check(const std::optional<HealthSpec>& health) {
    KeptEvents kept;
    RecordingConnector connector(*this, kept, clock_);
    const Interrupt interrupt;
    NullReporter reporter;
    const BoardSeams seams{clock_, reporter, connector, interrupt, [] { return 20170108U; }};
    const auto found = CheckBoardHealth(seams, BoardSpec{}, "", health);
    EXPECT_TRUE(found) << found.error().message;
    capture_ = std::move(kept.capture);
    return found ? VerdictName(found->verdict) : "";
  }
  std::vector<ReplayedStart> Replay() {
    auto starts = ReplayRecording(AsBytes(FormatCapture(capture_)), "x");
    EXPECT_TRUE(starts) << starts.error().message;
    return starts ? *starts : std::vector<ReplayedStart>();
  }
  void CheckMicropython() {
    Power({}, Image(ImageRequest::Kind::kMicropython, "1.22.1", kFourMegabytes));
    ASSERT_EQ(Check(SpecOf(HealthKind::kMicropython)), "healthy(1.22.1)");
  }

  VirtualClock clock_;
  std::unique_ptr<sim::SimulatedBoard> board_;
  bool by_hand_ = false;
  Capture capture_;
};

TEST_F(ReplayTest, ACheckThatWasRecordedEndsTheSameWayAgain) {
  struct Row {
    std::string name;
    ImageRequest::Kind kind;
    std::string version;
    std::uint8_t size_nibble = kFourMegabytes;
    bool sim::BoardOptions::*trouble = nullptr;
  };
  const std::vector<Row> rows = {
      {"healthy", ImageRequest::Kind::kMicropython, "1.22.1"},
      {"another version", ImageRequest::Kind::kMicropython, "1.9.3"},
      {"old", ImageRequest::Kind::kMicropythonSdk1, "1.8.3"},
      {"AT firmware", ImageRequest::Kind::kAt, "1.1.0.0", kOneMegabyte},
      {"boot loop", ImageRequest::Kind::kMicropython, "1.22.1", kOneMegabyte},
      {"crash", ImageRequest::Kind::kCrashing, "1.22.1"},
      {"late crash", ImageRequest::Kind::kCrashingLate, "1.22.1"},
      {"silent", ImageRequest::Kind::kSilent, "1.22.1"},
      {"no power", ImageRequest::Kind::kSilent, "1", kFourMegabytes, &sim::BoardOptions::unpowered},
      {"joined", ImageRequest::Kind::kMicropython, "1.22.1", kFourMegabytes,
       &sim::BoardOptions::rx_tx_joined},
      {"deaf", ImageRequest::Kind::kMicropython, "1.22.1", kFourMegabytes,
       &sim::BoardOptions::rx_cut},
  };
  const std::vector<std::optional<HealthSpec>> specs = {
      std::nullopt,
      HealthSpec{.kind = HealthKind::kMicropython,
                 .version = "1.22.1",
                 .run = {{"print(6*7)", "42"}, {"1/0", ""}}},
      SpecOf(HealthKind::kAt), SpecOf(HealthKind::kBootLog)};
  for (const Row& row : rows) {
    for (const auto& spec : specs) {
      sim::BoardOptions options;
      if (row.trouble != nullptr) options.*row.trouble = true;
      Power(options, Image(row.kind, row.version, row.size_nibble));
      const std::string verdict = Check(spec);
      const std::vector<ReplayedStart> starts = Replay();
      ASSERT_FALSE(starts.empty()) << row.name;
      const ReplayedStart& last = starts.back();
      EXPECT_EQ(VerdictName(last.verdict), verdict) << row.name;
      EXPECT_EQ(last.recorded, verdict) << row.name;
      EXPECT_TRUE(last.checked_again) << row.name << ": " << last.trouble;
      EXPECT_EQ(last.trouble, "") << row.name;
    }
  }
}

TEST_F(ReplayTest, SoDoesOneOfABoardThatAPersonResets) {
  by_hand_ = true;
  CheckMicropython();
  const ReplayedStart start = Replay().back();
  EXPECT_EQ(VerdictName(start.verdict), "healthy(1.22.1)");
  EXPECT_TRUE(start.checked_again) << start.trouble;
}

TEST_F(ReplayTest, AnAnswerToAnotherQuestionProvesNothing) {
  CheckMicropython();
  for (WireEvent& event : capture_.events)
    if (event.kind == WireEventKind::kCheck)
      event.text.replace(event.text.find("20170108"), 8, "20170109");
  const ReplayedStart start = Replay().back();
  EXPECT_FALSE(start.checked_again);
  EXPECT_TRUE(start.trouble.starts_with("the check takes another way now: at ")) << start.trouble;
}

TEST_F(ReplayTest, ARecordingThatWasCutIsJudgedByWhatItHas) {
  CheckMicropython();
  capture_.events.pop_back();
  ReplayedStart start = Replay().back();
  EXPECT_FALSE(start.checked_again);
  EXPECT_EQ(start.trouble, "the recording ends within the check");
  EXPECT_EQ(start.recorded, "");
  capture_.events.resize(capture_.events.size() / 4);
  start = Replay().back();
  EXPECT_EQ(start.trouble, "the recording ends within the check");
}

TEST_F(ReplayTest, EveryStartIsJudgedAndNoneOfTheLoader) {
  CheckMicropython();
  Capture all = capture_;
  const auto later = [&all](WireEvent event) {
    event.at += all.events.back().at;
    return event;
  };
  const WireEvent reset{.kind = WireEventKind::kReset};
  const std::string ets = " ets Jan  8 2013,rst cause:2, boot mode:(3,6)\r\n\r\n";
  const std::string rf_cal = "rf_cal[0] !=0x05,is 0xFF\r\n";
  WireEvent loader{.at = std::chrono::seconds(1), .kind = WireEventKind::kReset};
  loader.to_download = true;
  const std::vector<WireEvent> more = {
      loader,
      {.at = std::chrono::seconds(1), .kind = WireEventKind::kHeard, .octets = {0xc0, 0, 0xc0}},
      {.at = std::chrono::seconds(2), .kind = WireEventKind::kReset},
      {.at = std::chrono::seconds(2),
       .kind = WireEventKind::kHeard,
       .octets = ToBytes(ets + rf_cal + ets + rf_cal + ets + rf_cal + ets)},
      loader,
      {.at = std::chrono::seconds(3), .kind = WireEventKind::kReset}};  // nobody listened
  std::vector<WireEvent> shifted;
  std::transform(more.begin(), more.end(), std::back_inserter(shifted), later);
  std::stable_sort(shifted.begin(), shifted.end(),
                   [](const WireEvent& a, const WireEvent& b) { return a.at < b.at; });
  all.events.insert(all.events.end(), shifted.begin(), shifted.end());
  capture_ = all;
  const std::vector<ReplayedStart> starts = Replay();
  ASSERT_EQ(starts.size(), 2U);
  EXPECT_EQ(VerdictName(starts[0].verdict), "healthy(1.22.1)");
  EXPECT_TRUE(starts[0].checked_again);
  EXPECT_EQ(VerdictName(starts[1].verdict), "boot-loop(init data missing)");
  EXPECT_FALSE(starts[1].checked_again);
  EXPECT_EQ(starts[1].recorded, "");
  EXPECT_EQ(starts[1].trouble, "");
}

TEST_F(ReplayTest, WithoutAResetAllThatWasHeardIsJudged) {
  capture_.events = {{.kind = WireEventKind::kHeard, .octets = ToBytes("\r\nready\r\n")}};
  const std::vector<ReplayedStart> starts = Replay();
  ASSERT_EQ(starts.size(), 1U);
  EXPECT_TRUE(starts[0].verdict.good()) << VerdictName(starts[0].verdict);
  capture_.events.clear();
  ASSERT_EQ(Replay().size(), 1U);
  EXPECT_EQ(VerdictName(Replay()[0].verdict), "silent");
}

TEST(ReplayRecordingTest, ACheckThatCanNotBeReadSaysWhere) {
  const auto starts = ReplayRecording(
      AsBytes(
          "lastgood capture 1\n0.500000 check\n  [check]\n  seed = -1\n1.000000 verdict \"\"\n"),
      "a.capture");
  ASSERT_FALSE(starts);
  EXPECT_EQ(starts.error().code, ExitCode::kInvalidManifest);
  EXPECT_TRUE(starts.error().message.starts_with("a.capture, check at 0.500 s:"))
      << starts.error().message;
}

TEST(ReplayRecordingTest, APlainLogIsReadWithoutItsHead) {
  const std::string log =
      "MicroPython v1.9.3 on 2017-11-01; ESP module with ESP8266\r\n"
      "Type \"help()\" for more information.\r\n>>> ";
  for (const std::string& text :
       {log, "# baud: 115200\n# Fatal exception (9)\n#--- \n" + log, "#---\n" + log}) {
    const auto starts = ReplayRecording(AsBytes(text), "x");
    ASSERT_TRUE(starts);
    ASSERT_EQ(starts->size(), 1U);
    EXPECT_EQ(VerdictName(starts->front().verdict), "healthy(1.9.3)") << text;
  }
  // A head that has no end is what the board said.
  EXPECT_FALSE((*ReplayRecording(AsBytes("# Fatal exception (9):\n"), "x"))[0].verdict.good());
}

// tests/vectors/captures says how they are made, and docs/captures.md how to add one.
TEST(ReplayRecordingTest, EveryCaptureIsJudgedAsItsHeadSays) {
  int count = 0;
  for (const auto& entry : fs::directory_iterator(LASTGOOD_SOURCE_DIR "/tests/vectors/captures")) {
    if (entry.path().extension() != ".capture") continue;
    ++count;
    const std::string name = entry.path().filename().string();
    const std::string text = test::ReadText(entry.path());
    const auto capture = ParseCapture(text, name);
    ASSERT_TRUE(capture) << capture.error().message;
    EXPECT_EQ(FormatCapture(*capture), text) << name;
    const auto starts = ReplayCapture(*capture, name);
    ASSERT_TRUE(starts) << starts.error().message;
    EXPECT_EQ(VerdictName(starts->back().verdict), capture->Fact("expect")) << name;
    // Real boards can not be asked anew when the questions change; these can, by the script `make`.
    if (capture->Fact("board") == "simulated") {
      EXPECT_TRUE(starts->back().checked_again) << name << ": " << starts->back().trouble;
    }
  }
  EXPECT_GE(count, 10);
}

}  // namespace
}  // namespace lastgood
