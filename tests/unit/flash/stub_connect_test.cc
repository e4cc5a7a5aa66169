// SPDX-License-Identifier: MIT
// Which loader is spoken to in the end, and at which rate.
#include <gtest/gtest.h>

#include "flash/identify.h"
#include "unit/flash/chip_bench.h"

namespace lastgood {
namespace {

using test::ChipBench;
using test::FakeChip;
using test::FakeChipOptions;
using test::FirmwareLike;
using test::ImageOf;
using Fault = FakeChip::Fault;

FakeChipOptions OptionsOf(Chip chip, int generation) {
  FakeChipOptions options;
  options.chip = chip;
  options.generation = generation;
  return options;
}

TEST(StubConnectTest, StubIsStartedAtTheWorkingRateInAFewTenthsOfASecond) {
  for (const int generation : {1, 2}) {
    ChipBench bench(OptionsOf(Chip::kEsp8266, generation));
    const auto loader = bench.Connect();
    ASSERT_TRUE(loader) << loader.error().message;
    EXPECT_EQ(loader->Describe(), "stub loader " + std::to_string(generation));
    EXPECT_EQ(loader->Losses(), std::vector<std::string>());
    EXPECT_EQ(bench.chip.counters.requests[0x0F], 0);  // no change of rate
    EXPECT_LT(bench.Seconds(), 0.35);
  }
}

TEST(StubConnectTest, RateThatTheRomDoesNotMeasureIsReachedThroughTheStub) {
  for (const Chip chip : kChips) {
    for (const int generation : {1, 2}) {
      SCOPED_TRACE(testing::Message() << ChipTitle(chip) << " " << generation);
      FakeChipOptions options = OptionsOf(chip, generation);
      options.sync_baud_max = 230400;
      ChipBench bench(options);
      bench.settings.baud = 921600;
      auto loader = bench.Connect();
      ASSERT_TRUE(loader) << loader.error().message;
      EXPECT_EQ(loader->baud(), 921600U);
      EXPECT_EQ(bench.chip.counters.requests[0x0F], 1);
      EXPECT_TRUE(loader->Identify());
      EXPECT_LT(bench.Seconds(), 2.0);
    }
  }
}

TEST(StubConnectTest, StubThatDoesNotFollowToTheWorkingRateIsUsedBelowIt) {
  FakeChipOptions options = OptionsOf(Chip::kEsp8266, 1);
  options.sync_baud_max = 230400;
  options.stub_mistakes_rate = true;
  ChipBench bench(options);
  auto loader = bench.Connect();
  ASSERT_TRUE(loader) << loader.error().message;
  EXPECT_EQ(loader->baud(), 115200U);
  EXPECT_EQ(loader->Describe(), "stub loader 1");
  EXPECT_EQ(bench.chip.counters.requests[0x0F], 1);  // it is not asked again
  const FlashableImage image = ImageOf(FirmwareLike(30'000, 1));
  ASSERT_TRUE(loader->Write({&image, 1}, std::nullopt, 1, {}));
  EXPECT_TRUE(bench.Holds({&image, 1}));
  EXPECT_LT(bench.Seconds(), 7);
}

TEST(StubConnectTest, RomAloneStaysAtTheRateThatItMeasures) {
  for (const Chip chip : kChips) {
    FakeChipOptions options = OptionsOf(chip, 1);
    options.sync_baud_max = 230400;
    ChipBench bench(options);
    bench.settings.choice = LoaderChoice::kRom;
    auto loader = bench.Connect();
    ASSERT_TRUE(loader) << loader.error().message;
    EXPECT_EQ(loader->baud(), 115200U);
    EXPECT_TRUE(loader->Identify());
  }
}

TEST(StubConnectTest, WithoutAStubTheRomDoesItAndSaysWhatIsLost) {
  struct Case {
    const char* what;
    Chip chip;
    bool installed;
    int generation;
    LoaderChoice choice;
    std::vector<std::string> losses;
  };
  const std::vector<std::string> of_esp8266 = {"no compression",
                                               "no proof by digest, so an update writes everything",
                                               "no reading of flash"};
  const auto with = [](std::string first, std::vector<std::string> rest) {
    rest.insert(rest.begin(), std::move(first));
    return rest;
  };
  const std::vector<std::string> of_family = {"every kilobyte waits for its programming"};
  const Case cases[] = {
      {"none installed", Chip::kEsp8266, false, 1, LoaderChoice::kAuto,
       with("no stub for the ESP8266 is installed", of_esp8266)},
      {"none installed", Chip::kEsp32S3, false, 1, LoaderChoice::kAuto,
       with("no stub for the ESP32-S3 is installed", of_family)},
      {"asked for", Chip::kEsp8266, true, 1, LoaderChoice::kRom,
       with("the ROM's loader was asked for", of_esp8266)},
  };
  for (const Case& row : cases) {
    SCOPED_TRACE(row.what);
    ChipBench bench(OptionsOf(row.chip, row.generation));
    if (!row.installed) bench.settings.stubs = nullptr;
    bench.settings.choice = row.choice;
    auto loader = bench.Connect();
    ASSERT_TRUE(loader) << loader.error().message;
    EXPECT_EQ(loader->Describe(), "ROM loader");
    EXPECT_EQ(loader->Losses(), row.losses);
    EXPECT_EQ(loader->can_digest(), IsEsp32Family(row.chip));
    EXPECT_EQ(loader->can_read(), IsEsp32Family(row.chip));
    const FlashableImage image = ImageOf(FirmwareLike(30'000, 1));
    ASSERT_TRUE(loader->Write({&image, 1}, std::nullopt, 1, {}));
    EXPECT_TRUE(bench.Holds({&image, 1}));
  }
}

TEST(StubConnectTest, StubThatDoesNotStartIsDoneWithout) {
  ChipBench bench(OptionsOf(Chip::kEsp8266, 0));
  auto loader = bench.Connect();
  ASSERT_TRUE(loader) << loader.error().message;
  EXPECT_EQ(loader->Describe(), "ROM loader");
  ASSERT_EQ(loader->Losses().size(), 4U);
  EXPECT_NE(loader->Losses()[0].find("does not start: the stub does not say that it runs"),
            std::string::npos)
      << loader->Losses()[0];
  EXPECT_LT(bench.Seconds(), 3.5);
  const FlashableImage image = ImageOf(FirmwareLike(30'000, 1));
  ASSERT_TRUE(loader->Write({&image, 1}, std::nullopt, 1, {}));
  EXPECT_TRUE(bench.Holds({&image, 1}));
}

TEST(StubConnectTest, StubThatIsInsistedOnAndDoesNotRunIsAnError) {
  ChipBench dead(OptionsOf(Chip::kEsp8266, 0));
  dead.settings.choice = LoaderChoice::kStub;
  const auto loader = dead.Connect();
  ASSERT_FALSE(loader);
  EXPECT_EQ(loader.error().code, ExitCode::kBoard);
  EXPECT_NE(loader.error().message.find("cannot use a stub loader on '/dev/fake': the one from '"),
            std::string::npos)
      << loader.error().message;

  ChipBench none;
  none.settings.choice = LoaderChoice::kStub;
  none.settings.stubs = nullptr;
  const auto without = none.Connect();
  ASSERT_FALSE(without);
  EXPECT_EQ(without.error().message,
            "cannot use a stub loader on '/dev/fake': no stub for the ESP8266 is installed");
}

TEST(StubConnectTest, FaultsOfTheUploadAreMendedByAnotherOne) {
  for (const Fault fault : {Fault::kLoseOctet, Fault::kCorruptOctet, Fault::kLoseReply,
                            Fault::kCorruptReply, Fault::kStubDies, Fault::kReset}) {
    for (const std::uint8_t opcode : std::initializer_list<std::uint8_t>{0x05, 0x07, 0x06}) {
      SCOPED_TRACE(testing::Message()
                   << static_cast<int>(fault) << " at " << static_cast<int>(opcode));
      ChipBench bench;
      bench.chip.fault_at = [=](std::uint8_t op, int n) {
        return op == opcode && n == 0 ? fault : Fault::kNone;
      };
      auto loader = bench.Connect();
      ASSERT_TRUE(loader) << loader.error().message;
      EXPECT_EQ(loader->Describe(), "stub loader 1");
      EXPECT_LT(bench.Seconds(), 5);
    }
  }
}

TEST(StubConnectTest, StubThatRunsAlreadyIsUsed) {
  for (const int generation : {1, 2}) {
    FakeChipOptions options = OptionsOf(Chip::kEsp8266, generation);
    options.adopts_stub = true;
    ChipBench bench(options);
    bench.settings.baud = 115200;
    auto loader = bench.Connect();
    ASSERT_TRUE(loader) << loader.error().message;
    EXPECT_EQ(loader->Describe(), "stub loader " + std::to_string(generation));
    EXPECT_EQ(bench.chip.counters.requests[0x05], 0);
    const FlashableImage image = ImageOf(FirmwareLike(30'000, 1));
    ASSERT_TRUE(loader->Write({&image, 1}, std::nullopt, 1, {}));
    EXPECT_TRUE(bench.Holds({&image, 1}));

    ChipBench rom_only(options);
    rom_only.settings.baud = 115200;
    rom_only.settings.choice = LoaderChoice::kRom;
    const auto refused = rom_only.Connect();
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message.find("a stub loader answers instead of the ROM"),
              std::string::npos)
        << refused.error().message;
  }
}

TEST(StubConnectTest, FusesAreReadAndDecideAboutTheStub) {
  struct Case {
    Chip chip;
    std::uint32_t flags;
    ChipSecurity security;
    std::string_view loader;
  };
  const Case cases[] = {
      {Chip::kEsp32C6, 1, {true, false, false}, "stub loader 1"},
      {Chip::kEsp32C3, 1, {true, false, false}, "ROM loader"},
      {Chip::kEsp32S3, 1, {true, false, false}, "ROM loader"},
      {Chip::kEsp32C3, 4, {false, false, true}, "ROM loader"},
      {Chip::kEsp32S2, 5, {true, false, true}, "ROM loader"},
  };
  for (const Case& row : cases) {
    SCOPED_TRACE(testing::Message() << ChipTitle(row.chip) << " " << row.flags);
    FakeChipOptions options = OptionsOf(row.chip, 1);
    options.security_flags = row.flags;
    ChipBench bench(options);
    auto loader = bench.Connect();
    ASSERT_TRUE(loader) << loader.error().message;
    EXPECT_EQ(loader->Describe(), row.loader);
    const auto identity = loader->Identify();
    ASSERT_TRUE(identity) << identity.error().message;
    EXPECT_EQ(identity->chip, row.chip);
    EXPECT_EQ(identity->security, row.security);
    if (!row.security.secure_download) continue;
    EXPECT_EQ(identity->mac, MacAddress{});
    EXPECT_FALSE(loader->can_digest());
    const FlashableImage image = ImageOf(FirmwareLike(30'000, 1), 0x1000);
    const auto written = loader->Write({&image, 1}, std::nullopt, 1, {});
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().code, ExitCode::kRefused);
    EXPECT_EQ(bench.chip.counters.sectors_erased, 0U);
  }
}

TEST(StubConnectTest, FuseWordsMeanWhatTheReferenceSays) {
  EXPECT_EQ(SecurityOfEsp32Fuses(0, 0), ChipSecurity{});
  EXPECT_TRUE(SecurityOfEsp32Fuses(1U << 20, 0).flash_encryption);
  EXPECT_FALSE(SecurityOfEsp32Fuses(3U << 20, 0).flash_encryption);
  EXPECT_TRUE(SecurityOfEsp32Fuses(7U << 24, 0).flash_encryption);
  EXPECT_FALSE(SecurityOfEsp32Fuses(1U << 27, 0).flash_encryption);
  EXPECT_TRUE(SecurityOfEsp32Fuses(0, 1U << 4).secure_boot);
  EXPECT_TRUE(SecurityOfEsp32Fuses(0, 1U << 5).secure_boot);
  EXPECT_FALSE(SecurityOfEsp32Fuses(0, 1U << 6).secure_boot);
  EXPECT_TRUE(SecurityOfInfo(0, 7).flash_encryption);
  EXPECT_FALSE(SecurityOfInfo(0, 3).flash_encryption);
  EXPECT_EQ(PadsOfEsp32Fuses(0, 0), 0U);
  EXPECT_EQ(PadsOfEsp32Fuses(11U << 4, 6U | 17U << 5 | 8U << 10 | 16U << 15),
            11U << 24 | 16U << 18 | 8U << 12 | 17U << 6 | 6U);
}

}  // namespace
}  // namespace lastgood
