// SPDX-License-Identifier: MIT
// Seeded random runs: any loader, any faults, any firmware, anything in the flash before. Whatever
// happens, a run ends in one of the ways that the exit codes promise, and never calls a board good
// that is not. LASTGOOD_RANDOM_RUNS: how many runs; LASTGOOD_RANDOM_SEED: the first one's seed.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include "scenario/workbench.h"
#include "sim/dice.h"

namespace lastgood::test {
namespace {

using Kind = sim::ImageRequest::Kind;

constexpr std::uint32_t kRunsAtCi = 160;
constexpr std::uint32_t kFirstSeed = 1;
constexpr std::uint32_t kShares = 4;
// Any SDK's parameters lie behind it, and MicroPython's file system: the firmware's own to change.
constexpr std::uint32_t kImagesEnd = 0x90000;

enum class Before { kBlank, kOlder, kAt, kRandom };

struct Draw {
  int generation = 0;  // of the stub; 0: none
  Kind kind = Kind::kMicropython;
  Before before = Before::kBlank;
  sim::BoardOptions options;
  std::string text;  // all of it, to be printed
};

std::uint32_t NumberFrom(const char* variable, std::uint32_t otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr ? otherwise : static_cast<std::uint32_t>(std::strtoul(text, nullptr, 10));
}

// A value from harmless to hopeless for a run of some hundred requests and 100000 octets.
std::uint32_t DrawValue(const std::string& fault, sim::Dice& dice) {
  if (fault == "lost-byte" || fault == "corrupt-byte") return 50U << dice.Below(14);
  if (fault == "lost-ack" || fault == "reset-mid-write") return 1 + dice.Below(40);
  if (fault == "silent-after") return dice.Below(2) == 0 ? dice.Below(30) : dice.Below(400);
  if (fault == "stuck-sector") return dice.Below(2) == 0 ? dice.Below(32) : dice.Below(1024);
  if (fault == "noise-before-sync") return 1 + dice.Below(200);
  if (fault == "slow-reset") return 1 + dice.Below(600);
  if (fault == "console-baud") return std::array{9600U, 57600U, 115200U}[dice.Below(3)];
  if (fault == "restart-after-prompt") return 1 + dice.Below(8000);
  return 1;
}

Draw DrawRun(std::uint32_t seed) {
  sim::Dice dice(seed);
  Draw draw;
  draw.generation = static_cast<int>(dice.Below(3));
  draw.kind = std::array{Kind::kMicropython, Kind::kCrashing, Kind::kAt}[dice.Below(3)];
  draw.before = static_cast<Before>(dice.Below(4));
  draw.options.seed = seed;
  std::vector<std::string> names;
  for (const auto& row : sim::FaultNames()) names.push_back(row.first);
  const std::uint32_t count = dice.Below(4);
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::string& name = names[dice.Below(static_cast<std::uint32_t>(names.size()))];
    draw.options.faults[name] = DrawValue(name, dice);
  }
  draw.text = fmt::format("seed {}: stub {}, firmware {}, before {}", seed, draw.generation,
                          static_cast<int>(draw.kind), static_cast<int>(draw.before));
  for (const auto& [name, value] : draw.options.faults)
    draw.text += fmt::format(", {}:{}", name, value);
  return draw;
}

class RandomRun {
 public:
  explicit RandomRun(const Draw& draw) : draw_(draw), bench_(draw.options) {
    if (draw.generation != 0) bench_.InstallStub(draw.generation);
    fresh_ = bench_.Make(draw.kind, draw.kind == Kind::kAt ? "1.1.0.0" : "1.22.1");
    older_ = bench_.Make(Kind::kMicropython, "1.9.3", 2);
  }

  void Check() {
    Fill();
    const Bytes before = Flash();
    const RunOutcome outcome = bench_.Provision(fresh_, {older_});
    const std::uint32_t erased = bench_.board->statistics().sectors_erased;
    CheckQuarantine();
    bench_.WithoutFaults();
    EXPECT_NE(outcome.text, "");
    switch (outcome.code) {
      case ExitCode::kDone:
        return CheckDone();
      case ExitCode::kRolledBack:
        return CheckRolledBack();
      case ExitCode::kBoard:
      case ExitCode::kRefused:
        EXPECT_TRUE(Flash() == before) << "it said that nothing was changed: " << outcome.text;
        EXPECT_EQ(erased, 0U) << outcome.text;
        EXPECT_NE(outcome.hint, "") << outcome.text;
        return;
      case ExitCode::kNeedsHands:
        return CheckNeedsHands(outcome);
      default:
        ADD_FAILURE() << "no way to end: " << static_cast<int>(outcome.code) << ", "
                      << outcome.text;
    }
  }

 private:
  void Fill() {
    if (draw_.before == Before::kOlder) Write(ReadAll(bench_.directory / older_.file));
    if (draw_.before == Before::kAt) {
      Write(ReadAll(bench_.directory / bench_.Make(Kind::kAt, "1.0.0.0", 3).file));
    }
    if (draw_.before == Before::kRandom) {
      Bytes octets(bench_.board->flash().size());
      sim::Dice dice(draw_.options.seed);
      for (std::uint8_t& octet : octets) octet = dice.Octet();
      Write(octets);
    }
  }
  void Write(const Bytes& octets) { bench_.board->WriteFlash(0, octets); }
  Bytes Flash() const {
    const ByteSpan flash = bench_.board->flash().first(kImagesEnd);
    return {flash.begin(), flash.end()};
  }

  // What is condemned was heard failing; what is wrong with wires, lines or loader condemns
  // nothing.
  void CheckQuarantine() {
    if (bench_.Quarantined().empty()) return;
    const bool flash_is_worn = draw_.options.faults.contains("stuck-sector");
    EXPECT_TRUE(draw_.kind == Kind::kCrashing || flash_is_worn) << "good firmware was condemned";
    const auto verdict =
        std::find_if(bench_.reporter.stages.rbegin(), bench_.reporter.stages.rend(),
                     [](const StageEvent& event) {
                       return event.stage == "health" && event.outcome == StageOutcome::kFail;
                     });
    ASSERT_NE(verdict, bench_.reporter.stages.rend()) << "condemned without a verdict";
    for (const char* wiring : {"nothing was heard", "unreadable", "own words", "in its ROM loader"})
      EXPECT_EQ(verdict->text.find(wiring), std::string::npos) << verdict->text;
  }

  void CheckDone() {
    EXPECT_NE(draw_.kind, Kind::kCrashing) << "a false success";
    EXPECT_EQ(bench_.BoardHealth(), draw_.kind == Kind::kAt ? "healthy 1.1.0.0" : "healthy 1.22.1");
    EXPECT_TRUE(draw_.kind == Kind::kAt ? CodeEquals(fresh_) : bench_.FlashEquals(fresh_));
    const std::uint32_t erased = bench_.board->statistics().sectors_erased;
    const RunOutcome again = bench_.Provision(fresh_, {older_});
    EXPECT_EQ(again.code, ExitCode::kDone) << again.text;
    EXPECT_FALSE(again.changed);
    EXPECT_EQ(bench_.board->statistics().sectors_erased, erased) << "a second run changes nothing";
  }
  // AT firmware writes its parameters into blank sectors of its own image.
  bool CodeEquals(const Firmware& firmware) const {
    const Bytes image = ReadAll(bench_.directory / firmware.file);
    return std::equal(image.begin() + 4, image.begin() + kImagesEnd,
                      bench_.board->flash().begin() + 4);
  }

  void CheckRolledBack() {
    const std::string health = bench_.BoardHealth();
    EXPECT_TRUE(health.starts_with("healthy ")) << health;
    EXPECT_TRUE(health != "healthy 1.9.3" || bench_.FlashEquals(older_));
    EXPECT_NE(health, "healthy 1.22.1") << "that is what was rolled back";
  }

  // With the trouble gone, what the hint says helps.
  void CheckNeedsHands(const RunOutcome& outcome) {
    EXPECT_NE(outcome.hint.find("lastgood rollback"), std::string::npos) << outcome.hint;
    EXPECT_NE(outcome.hint.find("lastgood show"), std::string::npos) << outcome.hint;
    EXPECT_EQ(bench_.Running(), "") << "the board is unproven";
    RunOptions options;
    options.no_fallback = true;
    // The ESP8266's ROM loader can not look for what another firmware left behind.
    if (draw_.generation == 0) older_.flash += "\nerase = \"all\"";
    const RunOutcome mended = bench_.Provision(older_, {}, options);
    EXPECT_EQ(mended.code, ExitCode::kDone) << mended.text;
  }

  const Draw& draw_;
  Workbench bench_;
  Firmware fresh_;
  Firmware older_;
};

class RandomFaults : public testing::TestWithParam<std::uint32_t> {};

TEST_P(RandomFaults, EveryRunEndsAsTheExitCodesPromise) {
  const std::uint32_t first = NumberFrom("LASTGOOD_RANDOM_SEED", kFirstSeed);
  const std::uint32_t runs = NumberFrom("LASTGOOD_RANDOM_RUNS", kRunsAtCi);
  for (std::uint32_t seed = first + GetParam(); seed < first + runs; seed += kShares) {
    const Draw draw = DrawRun(seed);
    SCOPED_TRACE(draw.text);
    RandomRun(draw).Check();
  }
}

// Shares of the runs, for machines with several cores.
INSTANTIATE_TEST_SUITE_P(, RandomFaults, testing::Range(0U, kShares));

}  // namespace
}  // namespace lastgood::test
