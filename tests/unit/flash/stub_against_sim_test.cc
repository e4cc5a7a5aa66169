// SPDX-License-Identifier: MIT
// Stubs of the simulated board, which was written from the same protocol reference and shares no
// code with the loader. A disagreement is a bug in one of them.
#include <gtest/gtest.h>

#include <algorithm>

#include "sim/simulated_board.h"
#include "support/shared_input.h"
#include "support/temporary_directory.h"
#include "unit/flash/chip_bench.h"

namespace lastgood {
namespace {

using test::FirmwareLike;
using test::ImageOf;
using test::RandomBytes;

struct SimBench {
  VirtualClock clock;
  Interrupt interrupt;
  std::unique_ptr<sim::SimulatedBoard> board;
  std::unique_ptr<SerialPort> port;
  std::unique_ptr<BoardLines> lines;
  test::TemporaryDirectory directory;
  StubLibrary stubs{{directory.path()}};
  LoaderSettings settings{460800, LoaderChoice::kStub, &stubs};

  explicit SimBench(int generation, const sim::BoardOptions& options = {}) {
    board = *sim::SimulatedBoard::Make(options, clock);
    port = board->OpenSerialPort();
    lines = board->OpenLines();
    // The board knows a stub by where it starts.
    const bool first = generation == 1;
    const std::uint32_t start = first ? 0x4010D000 : 0x4010C500;
    std::filesystem::create_directory(directory / (first ? "1" : "2"));
    test::WriteText(
        directory / (first ? "1/esp8266.json" : "2/esp8266.json"),
        test::StubJson(start, RandomBytes(first ? 7808 : 11456, 1), start + 4,
                       first ? 0x3FFFACA8 : 0x3FFFAE6C, RandomBytes(first ? 904 : 920, 2)));
  }

  Result<EspLoader> Connect() {
    return EspLoader::Connect(*port, *lines, clock, settings, interrupt);
  }
  double Seconds() const {
    return std::chrono::duration<double>(clock.Now().time_since_epoch()).count();
  }
  bool Holds(const FlashableImage& image) const {
    Bytes expected(image.bytes().begin(), image.bytes().end());
    expected.resize((expected.size() + 4095) / 4096 * 4096, 0xFF);
    return std::equal(expected.begin(), expected.end(), board->flash().begin() + image.offset());
  }
};

TEST(StubAgainstSimTest, ImagesAreWrittenComparedAndReadBack) {
  for (const int generation : {1, 2}) {
    for (const std::uint32_t baud : {115200U, 460800U, 921600U}) {
      SCOPED_TRACE(testing::Message() << generation << " at " << baud);
      SimBench bench(generation);
      bench.settings.baud = baud;
      const Bytes before = RandomBytes(0x100000, 8);
      bench.board->WriteFlash(0, before);
      Bytes bytes = FirmwareLike(300'123, 5);
      std::fill_n(bytes.begin() + 0x8000, 0xA000, 0xFF);
      const FlashableImage image = ImageOf(bytes, 0x3000);
      auto loader = bench.Connect();
      ASSERT_TRUE(loader) << loader.error().message;
      EXPECT_EQ(loader->Describe(), "stub loader " + std::to_string(generation));
      const auto identity = loader->Identify();
      ASSERT_TRUE(identity) << identity.error().message;
      EXPECT_EQ(identity->mac.ToString(), "18:fe:34:ab:cd:ef");
      EXPECT_EQ(identity->flash_size_bytes, 4U << 20);
      const auto summary = loader->Write({&image, 1}, std::nullopt, 1, {});
      ASSERT_TRUE(summary) << summary.error().message;
      EXPECT_TRUE(summary->digest_matches);
      EXPECT_EQ(summary->recoveries, 0);
      EXPECT_TRUE(bench.Holds(image));
      const ByteSpan flash = bench.board->flash();
      EXPECT_TRUE(std::equal(before.begin(), before.begin() + 0x3000, flash.begin()));
      EXPECT_TRUE(std::equal(before.begin() + 0x4D000, before.end(), flash.begin() + 0x4D000));
      const auto difference = loader->Compare({&image, 1});
      ASSERT_TRUE(difference && *difference);
      EXPECT_TRUE((*difference)->none());
      const auto read = loader->Read(0x2F00, 100'000, {});
      ASSERT_TRUE(read) << read.error().message;
      EXPECT_TRUE(std::equal(read->begin(), read->end(), flash.begin() + 0x2F00));
      ASSERT_TRUE(loader->Erase(0x5000, 0x1000));
      EXPECT_EQ(bench.board->flash()[0x5000], 0xFF);
      EXPECT_NE((**loader->Compare({&image, 1})).sectors, 0U);
    }
  }
}

TEST(StubAgainstSimTest, RealFirmwareComesAtTheLimitOfTheWire) {
  const auto path = test::SharedInput("firmware/ESP8266_GENERIC-20240105-v1.22.1.bin");
  if (!path) return;
  const FlashableImage image = ImageOf(test::ReadAll(*path));
  for (const int generation : {1, 2}) {
    for (const std::uint32_t baud : {115200U, 460800U, 921600U}) {
      SimBench bench(generation);
      bench.settings.baud = baud;
      auto loader = bench.Connect();
      ASSERT_TRUE(loader) << loader.error().message;
      const double connected = bench.Seconds();
      const auto difference = loader->Compare({&image, 1});
      ASSERT_TRUE(difference && *difference);
      const double compared = bench.Seconds();
      std::vector<std::pair<double, double>> reports;  // seconds, share of the image
      const auto summary =
          loader->Write({&image, 1}, *difference, 1, [&](std::uint64_t done, std::uint64_t total) {
            reports.emplace_back(bench.Seconds(),
                                 static_cast<double>(done) / static_cast<double>(total));
          });
      ASSERT_TRUE(summary) << summary.error().message;
      EXPECT_TRUE(bench.Holds(image));
      const double written = bench.Seconds();
      ASSERT_TRUE((**loader->Compare({&image, 1})).none());
      const double wire = static_cast<double>(summary->bytes_sent) * 10 / baud;
      // Up to the last block but one: what follows is the flash's time, not the loader's.
      ASSERT_GT(reports.size(), 10U);
      const auto& [until, share] = reports[reports.size() - 3];
      const double streaming = wire * share / (until - reports.front().first);
      std::printf(
          "generation %d, %6u baud: connect %.3f s, compare blank %.3f s, write and prove %.3f s, "
          "wire limit %.3f s (%.1f %%, streaming %.1f %%), compare unchanged %.3f s\n",
          generation, baud, connected, compared - connected, written - compared, wire,
          wire / (written - compared) * 100, streaming * 100, bench.Seconds() - written);
      if (baud <= 460800) {
        EXPECT_GE(streaming, 0.97);
      }
      // The flash's tail and the proof included; the first generation erases what is blank already,
      // and from 921600 on the flash is slower than the wire.
      EXPECT_GE(wire / (written - compared), baud > 460800 ? 0.65 : 0.90);
      EXPECT_LT(connected + bench.Seconds() - written, baud < 460800 ? 1.7 : 0.8);
    }
  }
}

TEST(StubAgainstSimTest, EveryFaultOfTheBoardEndsInTheRightBytes) {
  struct Case {
    const char* fault;
    std::uint32_t value;
  };
  const Case cases[] = {
      {"lost-byte", 60'000},  {"corrupt-byte", 60'000},  {"lost-ack", 1},
      {"lost-ack", 3},        {"lost-ack", 7},           {"reset-mid-write", 1},
      {"reset-mid-write", 4}, {"noise-before-sync", 64}, {"slow-reset", 200},
  };
  for (const int generation : {1, 2}) {
    for (const Case& row : cases) {
      const bool random = row.value == 60'000;
      for (std::uint32_t seed = 1; seed <= (random ? 4U : 1U); ++seed) {
        SCOPED_TRACE(testing::Message() << "generation " << generation << ", " << row.fault << ":"
                                        << row.value << ", seed " << seed);
        sim::BoardOptions options;
        options.seed = seed;
        options.faults[row.fault] = row.value;
        SimBench bench(generation, options);
        bench.board->WriteFlash(0, RandomBytes(0x40000, seed));
        const FlashableImage image = ImageOf(FirmwareLike(150'000, seed), 0x1000);
        auto loader = bench.Connect();
        ASSERT_TRUE(loader) << loader.error().message;
        const auto summary = loader->Write({&image, 1}, std::nullopt, 3, {});
        ASSERT_TRUE(summary) << summary.error().message;
        EXPECT_TRUE(bench.Holds(image));
        EXPECT_TRUE(summary->digest_matches);
        EXPECT_LT(bench.Seconds(), 60);
      }
    }
  }
}

TEST(StubAgainstSimTest, StuckSectorIsNamedAndSilenceIsBounded) {
  for (const int generation : {1, 2}) {
    sim::BoardOptions options;
    options.faults["stuck-sector"] = 5;
    SimBench bench(generation, options);
    const FlashableImage image = ImageOf(FirmwareLike(100'000, 1));
    auto loader = bench.Connect();
    ASSERT_TRUE(loader);
    const auto summary = loader->Write({&image, 1}, std::nullopt, 2, {});
    ASSERT_FALSE(summary);
    EXPECT_EQ(summary.error().code, ExitCode::kBoard);
    EXPECT_NE(summary.error().message.find("the sector at 0x5000 does not hold what it should"),
              std::string::npos)
        << summary.error().message;
    EXPECT_LT(bench.Seconds(), 20);

    sim::BoardOptions silent;
    silent.faults["silent-after"] = 40;
    SimBench mute(generation, silent);
    auto mute_loader = mute.Connect();
    ASSERT_TRUE(mute_loader) << mute_loader.error().message;
    const auto never = mute_loader->Write({&image, 1}, std::nullopt, 3, {});
    if (!never) {
      EXPECT_EQ(never.error().code, ExitCode::kBoard);
    } else {
      EXPECT_TRUE(mute.Holds(image));
    }
    EXPECT_LT(mute.Seconds(), 120);
  }
}

TEST(StubAgainstSimTest, StubThatNeverStartsIsDoneWithout) {
  sim::BoardOptions options;
  options.faults["no-stub"] = 1;
  SimBench bench(1, options);
  bench.settings.choice = LoaderChoice::kAuto;
  const FlashableImage image = ImageOf(FirmwareLike(50'000, 1));
  auto loader = bench.Connect();
  ASSERT_TRUE(loader) << loader.error().message;
  EXPECT_EQ(loader->Describe(), "ROM loader");
  ASSERT_TRUE(loader->Write({&image, 1}, std::nullopt, 1, {}));
  EXPECT_TRUE(bench.Holds(image));
  EXPECT_LT(bench.Seconds(), 15);
}

}  // namespace
}  // namespace lastgood
