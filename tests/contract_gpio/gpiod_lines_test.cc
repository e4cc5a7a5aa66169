// SPDX-License-Identifier: MIT
// What the board sees on its pins: nothing when the lines are taken, each edge in its place while
// it is reset, and its own pulls again afterwards, however the program ended.
#include "device/gpiod_lines.h"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <functional>

#include "contract_gpio/gpio_wiring.h"
#include "host/interrupt.h"

namespace lastgood::test {
namespace {

using Flags = std::uint64_t;
constexpr Flags kBiasFlags = GPIO_V2_LINE_FLAG_BIAS_PULL_UP | GPIO_V2_LINE_FLAG_BIAS_PULL_DOWN |
                             GPIO_V2_LINE_FLAG_BIAS_DISABLED;

std::vector<PinBoard> Boards() {
  return {
      {"both low", ResetLine(), BootLine()},
      {"reset high", ResetLine(ActiveLevel::kHigh), BootLine()},
      {"boot high", ResetLine(), BootLine(ActiveLevel::kHigh)},
      {"both high", ResetLine(ActiveLevel::kHigh), BootLine(ActiveLevel::kHigh)},
      {"open drains", OpenDrain(ResetLine()), OpenDrain(BootLine())},
      {"one open drain", OpenDrain(ResetLine()), BootLine(ActiveLevel::kHigh)},
      {"biased", Biased(ResetLine(), GpioBias::kPullUp), Biased(BootLine(), GpioBias::kDisabled)},
  };
}

class GpiodLinesTest : public testing::Test {
 protected:
  VirtualClock clock_;
  SimulatedChip chip_{"contract-chip", ContractNames()};
};

TEST_F(GpiodLinesTest, TakingThemAndLettingGoIsNoEdge) {
  for (const PinBoard& board : Boards()) {
    SCOPED_TRACE(board.name);
    PullToReleased(chip_, board.reset, board.boot);
    PinRecorder recorder(chip_, board.reset, board.boot);
    {
      const auto lines = Open(board.reset, board.boot, clock_);
      ASSERT_NE(lines, nullptr);
      EXPECT_EQ(chip_.Info(kReset).consumer, "lastgood");
      EXPECT_EQ(chip_.Info(kBoot).consumer, "lastgood");
      EXPECT_EQ(chip_.Level(kReset), ReleasedLevel(board.reset));
      EXPECT_EQ(chip_.Level(kBoot), ReleasedLevel(board.boot));
    }
    EXPECT_EQ(recorder.Edges(), "");
    EXPECT_EQ(chip_.Level(kReset), ReleasedLevel(board.reset));
    EXPECT_EQ(chip_.Level(kBoot), ReleasedLevel(board.boot));
  }
}

// The edges of one pin, of those of both.
std::string OfPin(const std::string& edges, const std::string& pin) {
  std::string levels;
  for (std::size_t at = edges.find(pin); at != std::string::npos; at = edges.find(pin, at + 1))
    levels += edges[at + pin.size() + 1];
  return levels;
}

TEST_F(GpiodLinesTest, WhoWatchesIsToldWhatThePinsDo) {
  for (const PinBoard& board : Boards()) {
    SCOPED_TRACE(board.name);
    PullToReleased(chip_, board.reset, board.boot);
    for (const BoardMode mode : {BoardMode::kDownload, BoardMode::kRun}) {
      const auto lines = Open(board.reset, board.boot, clock_);
      ASSERT_NE(lines, nullptr);
      PinRecorder recorder(chip_, board.reset, board.boot);
      std::array<bool, 2> asserted{};
      std::array<std::string, 2> told;
      lines->Watch([&](bool reset, bool boot) {
        const std::array<bool, 2> now = {reset, boot};
        const std::array<bool, 2> released = {ReleasedLevel(board.reset),
                                              ReleasedLevel(board.boot)};
        for (std::size_t pin = 0; pin < now.size(); ++pin)
          if (now[pin] != asserted[pin]) told[pin] += now[pin] != released[pin] ? '1' : '0';
        asserted = now;
      });
      ASSERT_TRUE(lines->Reset(mode, 0));
      EXPECT_EQ(told[0], OfPin(recorder.Edges(), "reset"));
      EXPECT_EQ(told[1], OfPin(recorder.Edges(), "boot"));
      EXPECT_NE(told[0], "");
    }
  }
}

TEST_F(GpiodLinesTest, BothAreOneRequestWhateverTheirLevels) {
  for (const ActiveLevel reset : {ActiveLevel::kLow, ActiveLevel::kHigh}) {
    for (const ActiveLevel boot : {ActiveLevel::kLow, ActiveLevel::kHigh}) {
      const auto lines = Open(ResetLine(reset), BootLine(boot), clock_);
      EXPECT_EQ(HeldRequests().size(), 1U);
    }
  }
  EXPECT_EQ(HeldRequests().size(), 0U);
}

TEST_F(GpiodLinesTest, EdgesComeInTheirOrder) {
  for (const PinBoard& board : Boards()) {
    SCOPED_TRACE(board.name);
    PullToReleased(chip_, board.reset, board.boot);
    const auto lines = Open(board.reset, board.boot, clock_);
    ASSERT_NE(lines, nullptr);
    const int reset = ReleasedLevel(board.reset) ? 1 : 0;
    const int boot = ReleasedLevel(board.boot) ? 1 : 0;
    {
      PinRecorder recorder(chip_, board.reset, board.boot);
      ASSERT_TRUE(lines->Reset(BoardMode::kDownload, 0));
      EXPECT_EQ(recorder.Edges(), fmt::format("boot {}, reset {}, reset {}, boot {}", 1 - boot,
                                              1 - reset, reset, boot));
    }
    PinRecorder recorder(chip_, board.reset, board.boot);
    ASSERT_TRUE(lines->Reset(BoardMode::kRun, 0));
    EXPECT_EQ(recorder.Edges(), fmt::format("reset {}, reset {}", 1 - reset, reset));
  }
}

TEST_F(GpiodLinesTest, TheyAreFreeInputsAfterwards) {
  for (const PinBoard& board : Boards()) {
    SCOPED_TRACE(board.name);
    {
      const auto lines = Open(board.reset, board.boot, clock_);
      ASSERT_NE(lines, nullptr);
      EXPECT_TRUE(lines->Reset(BoardMode::kRun, 0));
    }
    for (const unsigned offset : {kReset, kBoot}) {
      const SimulatedChip::Line line = chip_.Info(offset);
      EXPECT_TRUE(line.Has(GPIO_V2_LINE_FLAG_INPUT));
      EXPECT_FALSE(line.Has(GPIO_V2_LINE_FLAG_USED));
      EXPECT_EQ(line.consumer, "");
    }
  }
}

// Then a button on the board may pull the line low as well. (The simulated chip does not show that:
// its level follows the pull only until the first change.)
TEST_F(GpiodLinesTest, OpenDrainNeverDrivesHigh) {
  const unsigned number = chip_.base() + kReset;
  const auto last_of = [&](const GpioLineSpec& reset) {
    const GpioTrace trace;
    const auto lines = Open(reset, BootLine(), clock_);
    EXPECT_TRUE(lines && lines->Reset(BoardMode::kDownload, 0));
    std::string last;
    for (const GpioTrace::Event& event : trace.Events()) {
      if (event.number != number) continue;
      const bool is_let_go = last == "1" && reset.drive == GpioDrive::kOpenDrain;
      EXPECT_TRUE(!is_let_go || event.what == "in") << event.what;
      last = event.what;
    }
    return last;
  };
  EXPECT_EQ(last_of(OpenDrain(ResetLine())), "in");
  EXPECT_EQ(last_of(ResetLine()), "1");
}

struct BiasCase {
  const char* name;
  GpioLineSpec reset;
  bool own_pull;  // of the pin, before
  Flags flags_held;
  bool pull_held;
  bool pull_after;
};

TEST_F(GpiodLinesTest, BiasIsAsAskedFor) {
  const GpioLineSpec low = ResetLine();
  const GpioLineSpec high = ResetLine(ActiveLevel::kHigh);
  constexpr Flags kUp = GPIO_V2_LINE_FLAG_BIAS_PULL_UP;
  constexpr Flags kDown = GPIO_V2_LINE_FLAG_BIAS_PULL_DOWN;
  constexpr Flags kOff = GPIO_V2_LINE_FLAG_BIAS_DISABLED;
  const BiasCase kCases[] = {
      {"unsaid, low", low, false, 0, false, true},
      {"unsaid, high", high, true, 0, true, false},
      {"unsaid, open drain", OpenDrain(low), false, kUp, true, true},
      {"as is", Biased(low, GpioBias::kAsIs), false, 0, false, false},
      {"as is, open drain", OpenDrain(Biased(low, GpioBias::kAsIs)), false, 0, false, false},
      {"disabled", Biased(low, GpioBias::kDisabled), false, kOff, false, false},
      {"pull-up", Biased(low, GpioBias::kPullUp), false, kUp, true, true},
      {"pull-down", Biased(high, GpioBias::kPullDown), true, kDown, false, false},
  };
  for (const BiasCase& test_case : kCases) {
    SCOPED_TRACE(test_case.name);
    chip_.Pull(kReset, test_case.own_pull);
    chip_.Pull(kBoot, false);
    {
      const auto lines = Open(test_case.reset, BootLine(), clock_);
      ASSERT_NE(lines, nullptr);
      EXPECT_EQ(chip_.Info(kReset).flags & kBiasFlags, test_case.flags_held);
      EXPECT_EQ(chip_.IsPulledUp(kReset), test_case.pull_held);
    }
    EXPECT_EQ(chip_.IsPulledUp(kReset), test_case.pull_after);
    EXPECT_TRUE(chip_.IsPulledUp(kBoot)) << "each line has its own";
  }
}

// A forked copy of this process that runs `work`, which says when the parent may go on.
class Worker {
 public:
  using Work = std::function<void(const std::function<void()>& go_on)>;

  explicit Worker(const Work& work) {
    std::array<int, 2> ends{-1, -1};
    EXPECT_EQ(pipe(ends.data()), 0);
    pid_ = fork();
    if (pid_ == 0) {
      const auto go_on = [&] { [[maybe_unused]] const auto count = write(ends[1], "!", 1); };
      work(go_on);
      _exit(0);
    }
    close(ends[1]);
    char mark = 0;
    EXPECT_EQ(read(ends[0], &mark, 1), 1) << "the other process ended early";
    close(ends[0]);
  }
  ~Worker() { End(SIGKILL); }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // The status that waitpid(2) gives.
  int End(int signal) {
    int status = 0;
    if (pid_ <= 0) return 0;
    kill(pid_, signal);
    waitpid(std::exchange(pid_, -1), &status, 0);
    return status;
  }

 private:
  pid_t pid_ = -1;
};

TEST_F(GpiodLinesTest, SignalThatStopsTheProgramReleasesThem) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    chip_.Pull(kReset, false);  // as many pins of a Raspberry Pi are
    Worker worker([&](const std::function<void()>& go_on) {
      Interrupt interrupt;
      const SignalWatch watch(interrupt);
      SystemClock clock;
      const auto lines = Open(ResetLine(), BootLine(), clock);
      go_on();
      while (lines && !interrupt.Requested()) EXPECT_TRUE(lines->Reset(BoardMode::kRun, 0));
    });
    const int status = worker.End(signal);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
    EXPECT_TRUE(chip_.Info(kReset).Has(GPIO_V2_LINE_FLAG_INPUT));
    EXPECT_FALSE(chip_.Info(kReset).Has(GPIO_V2_LINE_FLAG_USED));
    EXPECT_TRUE(chip_.Level(kReset)) << "it is pulled to its released level";
  }
}

// Stops for good at the first hold, with the lines as they are then.
class StoppedClock final : public Clock {
 public:
  explicit StoppedClock(std::function<bool()> stop) : stop_(std::move(stop)) {}
  TimePoint Now() const override { return {}; }
  WallTime WallNow() const override { return {}; }
  void SleepUntil(TimePoint) override {
    while (stop_()) pause();
  }

 private:
  std::function<bool()> stop_;
};

TEST_F(GpiodLinesTest, KilledProgramLeavesTheBoardToItsPulls) {
  PullToReleased(chip_, ResetLine(), BootLine());
  Worker worker([&](const std::function<void()>& go_on) {
    StoppedClock clock([&] {
      if (chip_.Level(kReset)) return false;  // not yet in reset
      go_on();
      return true;
    });
    const auto lines = Open(ResetLine(), BootLine(), clock);
    if (!lines || !lines->Reset(BoardMode::kDownload, 0)) _exit(1);
  });
  EXPECT_FALSE(chip_.Level(kReset));
  EXPECT_FALSE(chip_.Level(kBoot));
  EXPECT_TRUE(WIFSIGNALED(worker.End(SIGKILL)));
  EXPECT_TRUE(chip_.Level(kReset));
  EXPECT_TRUE(chip_.Level(kBoot));
  EXPECT_FALSE(chip_.Info(kReset).Has(GPIO_V2_LINE_FLAG_USED));
  EXPECT_NE(Open(ResetLine(), BootLine(), clock_), nullptr) << "the next run can have them";
}

}  // namespace
}  // namespace lastgood::test
