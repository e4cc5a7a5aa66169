// SPDX-License-Identifier: MIT
// The loader against every simulated chip of the ESP32 family, through its ROM and through stubs.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>

#include "sim/chip_facts.h"
#include "sim/simulated_board.h"
#include "support/temporary_directory.h"
#include "unit/flash/chip_bench.h"

namespace lastgood {
namespace {

using test::FirmwareLike;
using test::ImageOf;
using test::RandomBytes;

struct Row {
  Chip chip;
  std::uint32_t stub_entry;  // 0: the ROM alone
};
void PrintTo(const Row& row, std::ostream* out) { *out << ChipName(row.chip); }

// Where a stub may be put: begin of code RAM that holds its entry, and data RAM.
struct Places {
  std::uint32_t text;
  std::uint32_t data;
};
Places PlacesOf(Chip chip) {
  switch (chip) {
    case Chip::kEsp32:
      return {0x400A8000, 0x3FFDED6C};
    case Chip::kEsp32S2:
      return {0x40028000, 0x3FFE2DC0};
    case Chip::kEsp32S3:
      return {0x40378000, 0x3FCB2DC0};
    case Chip::kEsp32C3:
      return {0x40380000, 0x3FC96BB0};
    default:
      return {0x40800000, 0x40852BAC};
  }
}

std::vector<Row> Rows() {
  std::vector<Row> rows;
  for (const Chip chip : kChips) {
    if (!IsEsp32Family(chip)) continue;
    rows.push_back({chip, 0});
    for (const sim::KnownStub& stub : sim::FactsOf(chip).stubs) rows.push_back({chip, stub.entry});
  }
  return rows;
}

class Family : public testing::TestWithParam<Row> {
 protected:
  void SetUp() override {
    const Row& row = GetParam();
    sim::BoardOptions options;
    options.chip = row.chip;
    options.mac = MacAddress{{0x24, 0x0a, 0xc4, 0x12, 0x34, 0x56}};
    Make(options);
    if (row.stub_entry == 0) return;
    const Places places = PlacesOf(row.chip);
    test::WriteText(directory_ / fmt::format("{}.json", ChipName(row.chip)),
                    test::StubJson(places.text, RandomBytes(8000, 1), row.stub_entry, places.data,
                                   RandomBytes(200, 2)));
  }
  void Make(const sim::BoardOptions& options) {
    board_ = *sim::SimulatedBoard::Make(options, clock_);
    port_ = board_->OpenSerialPort();
    lines_ = board_->OpenLines();
  }
  Result<EspLoader> Connect() {
    LoaderSettings settings{
        460800, GetParam().stub_entry == 0 ? LoaderChoice::kRom : LoaderChoice::kStub, &stubs_};
    return EspLoader::Connect(*port_, *lines_, clock_, settings, interrupt_);
  }

  VirtualClock clock_;
  Interrupt interrupt_;
  test::TemporaryDirectory directory_;
  StubLibrary stubs_{{directory_.path()}};
  std::unique_ptr<sim::SimulatedBoard> board_;
  std::unique_ptr<SerialPort> port_;
  std::unique_ptr<BoardLines> lines_;
};

TEST_P(Family, IsIdentifiedWrittenProvenAndReadBack) {
  auto loader = Connect();
  ASSERT_TRUE(loader) << loader.error().message;
  const auto board = loader->Identify();
  ASSERT_TRUE(board) << board.error().message;
  EXPECT_EQ(board->chip, GetParam().chip);
  EXPECT_EQ(board->mac.ToString(), "24:0a:c4:12:34:56");
  EXPECT_EQ(board->flash_size_bytes, 4U << 20);
  EXPECT_EQ(board->security, ChipSecurity{});
  EXPECT_TRUE(loader->can_digest());

  const FlashableImage image = ImageOf(FirmwareLike(150'001, 3), 0x10000);
  const auto summary = loader->Write({&image, 1}, std::nullopt, 1, {});
  ASSERT_TRUE(summary) << summary.error().message;
  EXPECT_TRUE(summary->digest_matches);
  const ByteSpan flash = board_->flash();
  EXPECT_TRUE(std::equal(image.bytes().begin(), image.bytes().end(), flash.begin() + 0x10000));
  const auto difference = loader->Compare({&image, 1});
  ASSERT_TRUE(difference && *difference);
  EXPECT_TRUE((*difference)->none());
  const auto read = loader->Read(0x10000, 5000, {});
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_TRUE(std::equal(read->begin(), read->end(), flash.begin() + 0x10000));
}

INSTANTIATE_TEST_SUITE_P(, Family, testing::ValuesIn(Rows()), [](const auto& row) {
  const std::string loader =
      row.param.stub_entry == 0 ? "Rom" : fmt::format("Stub{:x}", row.param.stub_entry);
  return std::string(ChipName(row.param.chip)) + loader;
});

TEST(FamilySecurity, WhatTheFusesSayIsReported) {
  struct Case {
    ChipSecurity security;
    const char* what;
  };
  for (const Chip chip : {Chip::kEsp32, Chip::kEsp32S2, Chip::kEsp32C3}) {
    for (const Case& row :
         {Case{{true, false, false}, "secure boot"}, Case{{false, true, false}, "encryption"}}) {
      SCOPED_TRACE(testing::Message() << ChipName(chip) << ", " << row.what);
      VirtualClock clock;
      Interrupt interrupt;
      sim::BoardOptions options;
      options.chip = chip;
      options.security = row.security;
      const auto board = *sim::SimulatedBoard::Make(options, clock);
      const auto port = board->OpenSerialPort();
      const auto lines = board->OpenLines();
      auto loader = EspLoader::Connect(*port, *lines, clock, LoaderSettings{115200}, interrupt);
      ASSERT_TRUE(loader) << loader.error().message;
      const auto identity = loader->Identify();
      ASSERT_TRUE(identity) << identity.error().message;
      EXPECT_EQ(identity->security, row.security);
    }
  }
}

TEST(FamilySecurity, SecureDownloadModeIsSaid) {
  VirtualClock clock;
  Interrupt interrupt;
  sim::BoardOptions options;
  options.chip = Chip::kEsp32C3;
  options.security.secure_download = true;
  const auto board = *sim::SimulatedBoard::Make(options, clock);
  const auto port = board->OpenSerialPort();
  const auto lines = board->OpenLines();
  auto loader = EspLoader::Connect(*port, *lines, clock, LoaderSettings{115200}, interrupt);
  ASSERT_TRUE(loader) << loader.error().message;
  const auto identity = loader->Identify();
  ASSERT_TRUE(identity) << identity.error().message;
  EXPECT_EQ(identity->chip, Chip::kEsp32C3);
  EXPECT_TRUE(identity->security.secure_download);
}

}  // namespace
}  // namespace lastgood
