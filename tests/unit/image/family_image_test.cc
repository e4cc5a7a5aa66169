// SPDX-License-Identifier: MIT
// Images of the ESP32 family (protocol reference, 13.3 to 13.5).
#include <gtest/gtest.h>

#include <random>

#include "image/content_kind.h"
#include "image/esp_image.h"
#include "support/verified.h"
#include "unit/image/image_builder.h"

namespace lastgood {
namespace {

using test::AsVerified;
using test::FamilyImageBuilder;

std::string MessageOf(const Bytes& bytes, Chip chip = Chip::kEsp32) {
  const Result<EspImage> parsed = ParseEspImage(AsVerified(bytes), chip);
  if (parsed) return "accepted";
  EXPECT_EQ(parsed.error().code, ExitCode::kNotTrusted);
  return parsed.error().message;
}

struct Member {
  Chip chip;
  std::uint16_t chip_id;
  std::uint32_t ram;
  std::uint32_t code;
  std::uint32_t flash;
  std::uint32_t elsewhere;  // memory of other members only
};

constexpr Member kMembers[] = {
    {Chip::kEsp32, 0, 0x3FFF0030, 0x40080400, 0x400D0020, 0x42000020},
    {Chip::kEsp32S2, 2, 0x3FFE6108, 0x4004C000, 0x40080020, 0x42000020},
    {Chip::kEsp32S3, 9, 0x3FCE3818, 0x403C9700, 0x42000020, 0x40080400},
    {Chip::kEsp32C3, 5, 0x3FCD5820, 0x403CC710, 0x42000020, 0x40080400},
    {Chip::kEsp32C6, 13, 0x4086C410, 0x4086E610, 0x42000020, 0x3FFF0030},
};

FamilyImageBuilder BuilderOf(const Member& member) {
  FamilyImageBuilder builder;
  builder.chip_id = member.chip_id;
  builder.entry = member.code;
  builder.segments = {
      {member.ram, Bytes(64, 1)}, {member.code, Bytes(8, 2)}, {member.flash, Bytes(32, 3)}};
  return builder;
}

TEST(FamilyImageTest, EachMembersImageIsReadForItAndRefusedForEveryOther) {
  for (const Member& member : kMembers) {
    const Bytes bytes = BuilderOf(member).Build();
    EXPECT_EQ(ChipOfImage(bytes), member.chip);
    for (const Chip chip : kChips) {
      const std::string expected = chip == member.chip ? "accepted"
                                                       : "not an " + std::string(ChipTitle(chip)) +
                                                             " image: it is built for the " +
                                                             std::string(ChipTitle(member.chip));
      EXPECT_EQ(MessageOf(bytes, chip), expected);
    }
  }
}

TEST(FamilyImageTest, SegmentsMayOnlyLoadWhereThatMemberHasMemory) {
  for (const Member& member : kMembers) {
    SCOPED_TRACE(ChipTitle(member.chip));
    FamilyImageBuilder builder = BuilderOf(member);
    builder.segments[1].load_address = member.elsewhere;
    EXPECT_NE(MessageOf(builder.Build(), member.chip).find("where the chip has no memory for it"),
              std::string::npos);
    builder.segments[1].load_address = 0;  // filling
    EXPECT_EQ(MessageOf(builder.Build(), member.chip), "accepted");
    builder.entry = member.elsewhere;
    EXPECT_NE(MessageOf(builder.Build(), member.chip).find("where no code can be"),
              std::string::npos);
  }
}

TEST(FamilyImageTest, Esp8266ImageIsRefusedForTheFamily) {
  EXPECT_EQ(MessageOf(test::ImageBuilder{}.Build(), Chip::kEsp32C3),
            "not an ESP32-C3 image: it is built for the ESP8266");
}

TEST(FamilyImageTest, HeaderIsRead) {
  FamilyImageBuilder builder;
  builder.revision_min = 100;
  builder.revision_max = 399;
  builder.size_and_frequency = 0x4F;
  const auto image = ParseEspImage(AsVerified(builder.Build()), Chip::kEsp32);
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_EQ(image->revision_min, 100);
  EXPECT_EQ(image->revision_max, 399);
  EXPECT_EQ(image->HeaderFlashSize(), 16U << 20);
  EXPECT_EQ(image->segments[0].file_offset, 32U);
  EXPECT_EQ(image->digest_at, 128U);
  EXPECT_EQ(image->size_bytes, 160U);
  EXPECT_FALSE(image->is_signed);
}

TEST(FamilyImageTest, DamageIsRefusedWithItsPlace) {
  const Bytes good = FamilyImageBuilder{}.Build();
  struct Case {
    std::size_t at;
    std::uint8_t value;
    std::string_view message;
  };
  const Case cases[] = {
      {2, 6, "ESP32 image has unknown flash mode 0x06"},
      {12, 0x63, "not an ESP32 image: its extended header makes no sense (chip id 99)"},
      {19, 1, "not an ESP32 image: its extended header makes no sense (chip id 0)"},
      {23, '1', "not an ESP32 image: its extended header makes no sense (chip id 0)"},
      {40, 0, "ESP32 image is damaged: checksum at 0x7f is 0xe7, its segments give 0xf6"},
      {3, 0x3F, "ESP32 image is damaged: its SHA-256 at 0x80 does not match its content"},
      {150, 0, "ESP32 image is damaged: its SHA-256 at 0x80 does not match its content"},
  };
  for (const Case& row : cases) {
    Bytes bytes = good;
    bytes[row.at] = row.value;
    EXPECT_EQ(MessageOf(bytes), row.message);
  }
}

TEST(FamilyImageTest, EveryTruncationIsRefused) {
  const Bytes good = FamilyImageBuilder{}.Build();
  for (std::size_t size = 0; size < good.size(); ++size) {
    const Bytes cut(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_NE(MessageOf(cut), "accepted") << size;
  }
  Bytes without_digest = good;
  without_digest.resize(128);
  EXPECT_EQ(MessageOf(without_digest), "ESP32 image is cut off before its SHA-256 at 0x80");
}

TEST(FamilyImageTest, PatchRedoesTheDigestAndOnlyWhenThereIsOne) {
  for (const std::uint8_t flag : std::initializer_list<std::uint8_t>{0, 1}) {
    FamilyImageBuilder builder;
    builder.digest_flag = flag;
    Bytes file = builder.Build();
    file.resize(file.size() + 4096, 0x77);  // a merged file goes on
    const auto made = FlashableImage::Make(
        AsVerified(file), 0x1000, {FlashMode::kDout, std::uint8_t{0xF}, 16U << 20}, Chip::kEsp32);
    ASSERT_TRUE(made) << made.error().message;
    const Bytes patched(made->bytes().begin(), made->bytes().end());
    EXPECT_EQ(patched[2], 3);
    EXPECT_EQ(patched[3], 0x4F);
    EXPECT_EQ(MessageOf(patched), "accepted");
    for (std::size_t i = 4; i < file.size(); ++i) {
      if (flag == 1 && i >= 128 && i < 160) continue;
      ASSERT_EQ(patched[i], file[i]) << i;
    }
  }
}

TEST(FamilyImageTest, FileThatBeginsBeforeTheBootOffsetIsPatchedThere) {
  Bytes file(0x1000, 0xFF);
  Append(file, FamilyImageBuilder{}.Build());
  const auto made = FlashableImage::Make(AsVerified(file), 0,
                                         {std::nullopt, std::nullopt, 8U << 20}, Chip::kEsp32);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->bytes()[3], 0xFF);
  EXPECT_EQ(made->bytes()[0x1003], 0x30);
  EXPECT_TRUE(ParseEspImage(AsVerified(Bytes(made->bytes().begin(), made->bytes().end())),
                            Chip::kEsp32, 0x1000));
}

TEST(FamilyImageTest, OnlyTheBootOffsetOfThatChipIsPatched) {
  const auto made = FlashableImage::Make(AsVerified(FamilyImageBuilder{}.Build()), 0x10000,
                                         {std::nullopt, std::nullopt, 8U << 20}, Chip::kEsp32);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, ExitCode::kRefused);
  EXPECT_EQ(made.error().message,
            "the flash settings in the header are those of the image at 0x1000, not of the one at "
            "0x10000");
}

TEST(FamilyImageTest, SignedImageIsNotPatched) {
  Bytes file = FamilyImageBuilder{}.Build();
  file.resize(4096, 0xFF);
  Append(file, Bytes{0xE7, 2, 0, 0});
  file.resize(8192, 0x42);
  const HeaderPatch patch{std::nullopt, std::nullopt, 8U << 20};
  const auto made = FlashableImage::Make(AsVerified(file), 0x1000, patch, Chip::kEsp32);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, ExitCode::kRefused);
  EXPECT_EQ(made.error().message,
            "the ESP32 image is signed: changing the flash settings in its header would break the "
            "signature");
  EXPECT_TRUE(FlashableImage::Make(AsVerified(file), 0x1000, {}, Chip::kEsp32));
}

TEST(FamilyImageTest, SizeThatNoHeaderCanSayIsRefused) {
  const HeaderPatch patch{std::nullopt, std::nullopt, 512U << 10};
  const auto made =
      FlashableImage::Make(AsVerified(FamilyImageBuilder{}.Build()), 0x1000, patch, Chip::kEsp32);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().message, "an ESP32 image's header can not say 524288 bytes of flash");
  EXPECT_EQ(made.error().hint, "sizes from 1MB to 128MB can be said");
}

TEST(FamilyImageTest, NibblesFollowTheTableOfTheFamily) {
  for (std::uint8_t nibble = 0; nibble < 8; ++nibble) {
    EXPECT_EQ(FlashSizeOfNibble(nibble, Chip::kEsp32S3), 1U << 20 << nibble);
    EXPECT_EQ(SizeNibble(1U << 20 << nibble, Chip::kEsp32S3), nibble);
  }
  EXPECT_EQ(FlashSizeOfNibble(8, Chip::kEsp32), std::nullopt);
  EXPECT_EQ(HeaderFlashSizeMax(Chip::kEsp32), 128U << 20);
  EXPECT_EQ(ParseFrequencyNibble("80m", Chip::kEsp32C3), 0xF);
  EXPECT_EQ(ParseFrequencyNibble("80m", Chip::kEsp32C6), 0);
  EXPECT_EQ(ParseFrequencyNibble("40m", Chip::kEsp32C6), 0);
  EXPECT_EQ(ParseFrequencyNibble("26m", Chip::kEsp32C6), std::nullopt);
  EXPECT_EQ(FrequencyName(0, Chip::kEsp32C6), "80m");
  EXPECT_EQ(FrequencyName(5, Chip::kEsp32), "");
}

TEST(FamilyImageTest, AppSaysWhatItIs) {
  const auto image = ParseEspImage(AsVerified(test::App()), Chip::kEsp32);
  ASSERT_TRUE(image) << image.error().message;
  ASSERT_TRUE(image->app);
  EXPECT_EQ(image->app->project, "blinky");
  EXPECT_EQ(image->app->version, "2.3.4");
  EXPECT_EQ(image->app->framework_version, "v5.2.2");
  EXPECT_EQ(image->version, "2.3.4");
}

TEST(FamilyImageTest, MergedFileSaysWhatItsAppAndPartitionsAre) {
  const Bytes file = test::MergedImage(test::PartitionTable(test::UsualRows()), test::App());
  const auto image = ParseEspImage(AsVerified(file), Chip::kEsp32);
  ASSERT_TRUE(image) << image.error().message;
  ASSERT_EQ(image->partitions.size(), 3U);
  EXPECT_EQ(image->partitions[1].label, "factory");
  EXPECT_EQ(image->partitions[2].end(), 0x400000U);
  ASSERT_TRUE(image->app);
  EXPECT_EQ(image->app->project, "blinky");
}

TEST(FamilyImageTest, MergedFileWithADamagedAppOrOneThatIsTooLargeIsRefused) {
  Bytes app = test::App();
  app[100] ^= 1;
  const Bytes damaged = test::MergedImage(test::PartitionTable(test::UsualRows()), app);
  EXPECT_EQ(MessageOf(damaged).find("partition 'factory' at 0x10000: ESP32 image is damaged"), 0U)
      << MessageOf(damaged);
  const Bytes large =
      test::MergedImage(test::PartitionTable(test::UsualRows(0x1000)), test::App(0x2000));
  EXPECT_EQ(MessageOf(large),
            "partition 'factory' at 0x10000: the app has 8384 bytes, the partition 4096");
}

TEST(FamilyImageTest, EverySingleBitFlipUnderTheDigestIsRefused) {
  const Bytes good = FamilyImageBuilder{}.Build();
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      Bytes bytes = good;
      bytes[at] ^= static_cast<std::uint8_t>(1 << bit);
      // The flag itself: without it the image has no digest to be wrong.
      if (at == 23 && bit == 0) continue;
      EXPECT_NE(MessageOf(bytes), "accepted") << at << " bit " << bit;
    }
  }
}

TEST(FamilyImageTest, WorkOnDamagedMergedFilesEndsInAVerdict) {
  constexpr std::uint32_t kSeed = 20240222;
  SCOPED_TRACE(kSeed);
  std::mt19937 random(kSeed);
  const Bytes good = test::MergedImage(test::PartitionTable(test::UsualRows(), false), test::App());
  for (int round = 0; round < 400; ++round) {
    Bytes bytes = good;
    const std::size_t table = 0x7000 + random() % 96;
    const std::size_t app = 0xF000 + random() % 300;
    bytes[table] = static_cast<std::uint8_t>(random());
    bytes[app] = static_cast<std::uint8_t>(random());
    if (round % 3 == 0) bytes.resize(0x7000 + random() % 0x8400);
    EXPECT_FALSE(MessageOf(bytes).empty());
  }
}

}  // namespace
}  // namespace lastgood
