// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "sim/simulated_board.h"

namespace lastgood::sim {
namespace {

TEST(BoardOptionsTest, NothingGivenIsABlankFourMegabyteBoardInMemory) {
  const auto options = ParseBoardOptions("");
  ASSERT_TRUE(options);
  EXPECT_TRUE(options->flash_file.empty());
  EXPECT_EQ(options->flash_size_bytes, 4U << 20);
  EXPECT_EQ(options->flash_id, 0x1640EFU);
  EXPECT_EQ(options->mac.ToString(), "18:fe:34:ab:cd:ef");
  EXPECT_EQ(options->seed, 1U);
  EXPECT_FALSE(options->boot_line_stuck_released);
  EXPECT_FALSE(options->unpowered);
  EXPECT_TRUE(options->faults.empty());
}

TEST(BoardOptionsTest, EverythingCanBeGiven) {
  const auto options = ParseBoardOptions(
      "a board.bin?flash=1MB&mac=5c:cf:7f:01:02:03&id=0x1440C8&seed=7&fault=lost-byte:300"
      "&fault=slow-reset&fault=stuck-sector:0&boot-line=stuck&power=off"
      "&reset-line=stuck&rx=cut&tx=cut&rx-tx=joined&reset-rise-ms=300");
  ASSERT_TRUE(options) << options.error().message;
  EXPECT_EQ(options->flash_file, "a board.bin");
  EXPECT_EQ(options->flash_size_bytes, 1U << 20);
  EXPECT_EQ(options->flash_id, 0x1440C8U);
  EXPECT_EQ(options->mac.ToString(), "5c:cf:7f:01:02:03");
  EXPECT_EQ(options->seed, 7U);
  EXPECT_TRUE(options->boot_line_stuck_released);
  EXPECT_TRUE(options->unpowered);
  EXPECT_EQ(options->reset_rise, std::chrono::milliseconds(300));
  EXPECT_TRUE(options->reset_line_stuck_released);
  EXPECT_TRUE(options->rx_cut);
  EXPECT_TRUE(options->tx_cut);
  EXPECT_TRUE(options->rx_tx_joined);
  EXPECT_EQ(options->faults, (std::map<std::string, std::uint32_t>{
                                 {"lost-byte", 300}, {"slow-reset", 300}, {"stuck-sector", 0}}));
}

struct SizeCase {
  const char* text;
  std::uint32_t size_bytes;
  std::uint32_t id;
};

TEST(BoardOptionsTest, FlashSizeAndIdFollowEachOther) {
  const SizeCase cases[] = {
      {"f?flash=256KB", 256U << 10, 0x1240EF},
      {"f?flash=512KB", 512U << 10, 0x1340EF},
      {"f?flash=1MB", 1U << 20, 0x1440EF},
      {"f?flash=16MB", 16U << 20, 0x1840EF},
      {"f?id=0x1440c8", 1U << 20, 0x1440C8},
      {"f?id=1458376", 4U << 20, 0x1640C8},
      {"f?id=0x1440c8&flash=4MB", 4U << 20, 0x1440C8},
      {"f?id=0x4a25bf", 4U << 20, 0x4A25BF},  // an id that nobody knows
  };
  for (const SizeCase& c : cases) {
    const auto options = ParseBoardOptions(c.text);
    ASSERT_TRUE(options) << c.text;
    EXPECT_EQ(options->flash_size_bytes, c.size_bytes) << c.text;
    EXPECT_EQ(options->flash_id, c.id) << c.text;
  }
}

struct BadCase {
  const char* text;
  const char* message;
};

TEST(BoardOptionsTest, MistakesAreNamed) {
  const BadCase cases[] = {
      {"f?flash=3MB", "the simulated board's option 'flash' cannot take '3MB'"},
      {"f?flash=32MB", "the simulated board's option 'flash' cannot take '32MB'"},
      {"f?flash", "the simulated board's option 'flash' cannot take ''"},
      {"f?mac=1:2:3", "the simulated board's option 'mac' cannot take '1:2:3'"},
      {"f?id=0x1000000", "the simulated board's option 'id' cannot take '0x1000000'"},
      {"f?id=0x", "the simulated board's option 'id' cannot take '0x'"},
      {"f?seed=-1", "the simulated board's option 'seed' cannot take '-1'"},
      {"f?seed=1x", "the simulated board's option 'seed' cannot take '1x'"},
      {"f?rx=joined", "the simulated board's option 'rx' cannot take 'joined'"},
      {"f?boot-line=broken", "the simulated board's option 'boot-line' cannot take 'broken'"},
      {"f?power=maybe", "the simulated board's option 'power' cannot take 'maybe'"},
      {"f?speed=1", "the simulated board has no option 'speed'"},
      {"f?", nullptr},
      {"f?flash=1MB&", nullptr},
      {"f?&flash=1MB", "the simulated board has no option ''"},
      {"f?fault=gremlins", "unknown fault 'gremlins'"},
      {"f?fault=lost-byte", "fault 'lost-byte' needs a number"},
      {"f?fault=lost-byte:0", "fault 'lost-byte' cannot take '0'"},
      {"f?fault=lost-byte:", "fault 'lost-byte' cannot take ''"},
      {"f?fault=lost-ack:3x", "fault 'lost-ack' cannot take '3x'"},
      {"f?fault=lost-ack:99999999999", "fault 'lost-ack' cannot take '99999999999'"},
  };
  for (const BadCase& c : cases) {
    const auto options = ParseBoardOptions(c.text);
    EXPECT_EQ(options.has_value(), c.message == nullptr) << c.text;
    if (options || c.message == nullptr) continue;
    EXPECT_EQ(options.error().code, ExitCode::kUsage) << c.text;
    EXPECT_EQ(options.error().message, c.message);
    EXPECT_FALSE(options.error().hint.empty()) << c.text;
  }
}

TEST(BoardOptionsTest, EveryFaultHasAnExplanationThatBeginsWithItsName) {
  const auto names = FaultNames();
  EXPECT_EQ(names.size(), 14U);
  for (const auto& [name, explanation] : names) EXPECT_EQ(explanation.rfind(name, 0), 0U) << name;
}

TEST(BoardOptionsTest, ConsoleRateMustBeOne) {
  EXPECT_FALSE(ParseBoardOptions("f?fault=console-baud:299"));
  EXPECT_FALSE(ParseBoardOptions("f?fault=console-baud"));
  EXPECT_TRUE(ParseBoardOptions("f?fault=console-baud:9600"));
}

TEST(BoardOptionsTest, EveryFaultNameIsAccepted) {
  for (const auto& [name, explanation] : FaultNames())
    EXPECT_TRUE(ParseBoardOptions("f?fault=" + name + ":500")) << name;
}

}  // namespace
}  // namespace lastgood::sim
