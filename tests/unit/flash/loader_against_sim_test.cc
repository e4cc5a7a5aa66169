// SPDX-License-Identifier: MIT
// The loader against the simulated board, which was written from the same protocol reference and
// shares no code with it. A disagreement is a bug in one of them.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>

#include "flash/esp_loader.h"
#include "host/clock.h"
#include "host/interrupt.h"
#include "sim/simulated_board.h"
#include "support/shared_input.h"
#include "support/temporary_directory.h"
#include "unit/flash/bench.h"

namespace lastgood {
namespace {

using namespace std::chrono_literals;
using test::ImageOf;
using test::RandomBytes;

struct SimBench {
  VirtualClock clock;
  Interrupt interrupt;
  std::unique_ptr<sim::SimulatedBoard> board;
  std::unique_ptr<SerialPort> port;
  std::unique_ptr<BoardLines> lines;

  explicit SimBench(const sim::BoardOptions& options = {}) {
    board = *sim::SimulatedBoard::Make(options, clock);
    port = board->OpenSerialPort();
    lines = board->OpenLines();
  }

  Result<EspLoader> Connect(std::uint32_t baud = 460800) {
    return EspLoader::Connect(*port, *lines, clock, LoaderSettings{baud}, interrupt);
  }
};

sim::BoardOptions WithFault(const std::string& name, std::uint32_t value, std::uint32_t seed = 1) {
  sim::BoardOptions options;
  options.seed = seed;
  options.faults[name] = value;
  return options;
}

// The images' bytes are there, and FF up to the end of their last sectors.
bool FlashHolds(const SimBench& bench, std::span<const FlashableImage> images) {
  for (const FlashableImage& image : images) {
    const ByteSpan there =
        bench.board->flash().subspan(image.offset(), (image.bytes().size() + 4095) / 4096 * 4096);
    if (!std::equal(image.bytes().begin(), image.bytes().end(), there.begin())) return false;
    const ByteSpan rest = there.subspan(image.bytes().size());
    if (!std::all_of(rest.begin(), rest.end(), [](std::uint8_t b) { return b == 0xFF; }))
      return false;
  }
  return true;
}

Result<WriteSummary> WriteTo(SimBench& bench, std::span<const FlashableImage> images,
                             int attempts = 1, std::uint32_t baud = 460800) {
  TRY(EspLoader loader, bench.Connect(baud));
  return loader.Write(images, std::nullopt, attempts, {});
}

TEST(LoaderAgainstSimTest, BoardIsIdentifiedAtEveryRate) {
  for (const std::uint32_t baud : {57600U, 74880U, 115200U, 230400U, 460800U, 921600U}) {
    SCOPED_TRACE(baud);
    SimBench bench;
    auto loader = bench.Connect(baud);
    ASSERT_TRUE(loader) << loader.error().message;
    const auto identity = loader->Identify();
    ASSERT_TRUE(identity) << identity.error().message;
    EXPECT_EQ(identity->mac.ToString(), "18:fe:34:ab:cd:ef");
    EXPECT_EQ(identity->flash_id, 0x1640EFU);
    EXPECT_EQ(identity->flash_size_bytes, 4U << 20);
    EXPECT_LT(bench.clock.Now().time_since_epoch(), 500ms);
  }
}

TEST(LoaderAgainstSimTest, OptionsOfTheBoardAreWhatIsRead) {
  sim::BoardOptions options;
  options.flash_size_bytes = 1U << 20;
  options.flash_id = 0x1440EF;
  options.mac = *ParseMacAddress("ac:d0:74:01:02:03");
  SimBench bench(options);
  auto loader = bench.Connect();
  ASSERT_TRUE(loader) << loader.error().message;
  const auto identity = loader->Identify();
  ASSERT_TRUE(identity) << identity.error().message;
  EXPECT_EQ(identity->mac, options.mac);
  EXPECT_EQ(identity->flash_size_bytes, 1U << 20);
}

TEST(LoaderAgainstSimTest, ImagesOfManyShapesAreWrittenByteForByte) {
  for (std::uint32_t seed = 1; seed <= 6; ++seed) {
    SCOPED_TRACE(seed);
    Bytes bytes = RandomBytes(1 + seed * 9973, seed);
    for (std::size_t at = 0; at + 4096 <= bytes.size(); at += 4096)
      if (bytes[at] % 4 == 0)
        std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), 4096, 0xFF);
    const std::vector<FlashableImage> images = {ImageOf(bytes, seed % 3 * 0x1000 + 0x2000),
                                                ImageOf(RandomBytes(128, seed), 0x3FC000),
                                                ImageOf(RandomBytes(4080, seed), 0)};
    SimBench bench;
    bench.board->WriteFlash(0, RandomBytes(0x80000, seed + 100));
    const Bytes behind(bench.board->flash().begin() + 0x40000,
                       bench.board->flash().begin() + 0x80000);
    const auto summary = WriteTo(bench, images);
    ASSERT_TRUE(summary) << summary.error().message;
    EXPECT_TRUE(FlashHolds(bench, images));
    EXPECT_TRUE(std::equal(behind.begin(), behind.end(), bench.board->flash().begin() + 0x40000));
    EXPECT_EQ(summary->sectors_erased, bench.board->statistics().sectors_erased);
  }
}

TEST(LoaderAgainstSimTest, RealFirmwareIsWrittenByteForByteInAboutTheEstimatedTime) {
  struct Case {
    std::string_view file;
    std::uint32_t baud;
  };
  const Case cases[] = {
      {"ESP8266_GENERIC-20240105-v1.22.1.bin", 460800},
      {"pimoroni-at-esp8266-firmware-latest.bin", 115200},
  };
  for (const Case& row : cases) {
    SCOPED_TRACE(row.file);
    const auto path = test::SharedInput("firmware/" + std::string(row.file));
    if (!path) return;
    const FlashableImage image = ImageOf(test::ReadAll(*path));
    SimBench bench;
    const auto summary = WriteTo(bench, {&image, 1}, 1, row.baud);
    ASSERT_TRUE(summary) << summary.error().message;
    EXPECT_TRUE(FlashHolds(bench, {&image, 1}));
    const auto estimated = EstimateWrite({&image, 1}, row.baud, false).duration;
    EXPECT_LT(std::chrono::abs(summary->elapsed - estimated), estimated / 20)
        << summary->elapsed.count() << " ms, estimated " << estimated.count();
  }
}

TEST(LoaderAgainstSimTest, SeededFaultsEndInTheRightBytesOrInAnError) {
  struct Case {
    std::string fault;
    std::uint32_t value;
    int written_min;  // of 6 seeds
  };
  // Errors on the wire no denser than one in a few blocks: the ROM's one-octet checksum misses two
  // that fall into one block and cancel out, and nothing in its protocol could tell.
  const Case cases[] = {
      {"lost-byte", 60000, 5},       {"lost-byte", 15000, 0},   {"corrupt-byte", 60000, 5},
      {"corrupt-byte", 30000, 0},    {"lost-ack", 1, 6},        {"lost-ack", 5, 6},
      {"reset-mid-write", 1, 6},     {"reset-mid-write", 5, 6}, {"noise-before-sync", 32, 6},
      {"noise-before-sync", 500, 6}, {"slow-reset", 300, 6},
  };
  for (const Case& row : cases) {
    int written = 0;
    for (std::uint32_t seed = 1; seed <= 6; ++seed) {
      SCOPED_TRACE(testing::Message() << row.fault << ':' << row.value << " seed " << seed);
      SimBench bench(WithFault(row.fault, row.value, seed));
      const FlashableImage image = ImageOf(RandomBytes(24000, seed));
      const auto summary = WriteTo(bench, {&image, 1}, 4);
      if (summary) {
        ++written;
        EXPECT_TRUE(FlashHolds(bench, {&image, 1}));
      } else {
        EXPECT_EQ(summary.error().code, ExitCode::kBoard) << summary.error().message;
      }
      EXPECT_LT(bench.clock.Now().time_since_epoch(), 120s);
    }
    EXPECT_GE(written, row.written_min) << row.fault << ':' << row.value;
  }
}

TEST(LoaderAgainstSimTest, LoaderThatFallsSilentIsResetAndWrittenOrGivenUp) {
  SimBench bench(WithFault("silent-after", 12));
  const FlashableImage image = ImageOf(RandomBytes(200000, 1));
  const auto summary = WriteTo(bench, {&image, 1}, 3);
  ASSERT_FALSE(summary);
  EXPECT_EQ(summary.error().code, ExitCode::kBoard);
  EXPECT_LT(bench.clock.Now().time_since_epoch(), 60s);
}

TEST(LoaderAgainstSimTest, SectorThatDoesNotTakeDataIsReported) {
  SimBench bench(WithFault("stuck-sector", 3));
  const FlashableImage image = ImageOf(RandomBytes(40000, 1));
  const auto summary = WriteTo(bench, {&image, 1}, 2);
  ASSERT_FALSE(summary);
  EXPECT_NE(summary.error().message.find("at 0x3000 failed: the flash reads back differently"),
            std::string::npos)
      << summary.error().message;
}

TEST(LoaderAgainstSimTest, DeadBootLineAndDeadBoardAreToldApart) {
  sim::BoardOptions stuck;
  stuck.boot_line_stuck_released = true;
  SimBench firmware(stuck);
  auto loader = firmware.Connect();
  ASSERT_FALSE(loader);
  EXPECT_NE(loader.error().message.find("starts its firmware instead of its loader"),
            std::string::npos)
      << loader.error().message;

  sim::BoardOptions off;
  off.unpowered = true;
  SimBench dead(off);
  loader = dead.Connect();
  ASSERT_FALSE(loader);
  EXPECT_NE(loader.error().message.find("nothing was heard"), std::string::npos)
      << loader.error().message;
  EXPECT_LT(dead.clock.Now().time_since_epoch(), 6s);
}

TEST(LoaderAgainstSimTest, OnlyTheAskedSectorsAreErased) {
  SimBench bench;
  bench.board->WriteFlash(0, Bytes(4U << 20, 0x42));
  auto loader = bench.Connect();
  ASSERT_TRUE(loader);
  const auto erased = loader->Erase(0x3FB000, 0x5000);
  ASSERT_TRUE(erased) << erased.error().message;
  const ByteSpan flash = bench.board->flash();
  for (std::size_t at = 0; at < flash.size(); at += 4096)
    ASSERT_EQ(flash[at], at >= 0x3FB000 ? 0xFF : 0x42) << at;
}

}  // namespace
}  // namespace lastgood
