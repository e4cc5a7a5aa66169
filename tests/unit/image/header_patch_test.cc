// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "digest/digest.h"
#include "image/esp_image.h"
#include "support/verified.h"
#include "unit/image/image_builder.h"

namespace lastgood {
namespace {

using test::AsVerified;
using test::ImageBuilder;

std::vector<std::size_t> Differences(ByteSpan a, ByteSpan b) {
  std::vector<std::size_t> at;
  EXPECT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
    if (a[i] != b[i]) at.push_back(i);
  return at;
}

TEST(HeaderPatchTest, NothingToPatchLeavesAnyBytesAlone) {
  const Bytes not_an_image = {1, 2, 3};
  const auto made = FlashableImage::Make(AsVerified(not_an_image), 0x3FC000, {}, Chip::kEsp8266);
  ASSERT_TRUE(made);
  EXPECT_EQ(made->offset(), 0x3FC000U);
  EXPECT_EQ(Bytes(made->bytes().begin(), made->bytes().end()), not_an_image);
}

TEST(HeaderPatchTest, OnlyWhatIsAskedForChanges) {
  ImageBuilder builder;
  builder.mode = 1;
  builder.size_and_frequency = 0x2F;
  const auto image = AsVerified(builder.BuildMicropython("MicroPython v1.9.3 on 2017-11-01"));
  struct Case {
    HeaderPatch patch;
    std::uint8_t mode;
    std::uint8_t size_and_frequency;
  };
  const Case cases[] = {
      {{FlashMode::kDio, std::nullopt, std::nullopt}, 2, 0x2F},
      {{std::nullopt, std::uint8_t{0}, std::nullopt}, 1, 0x20},
      {{std::nullopt, std::nullopt, 4U << 20}, 1, 0x4F},
      {{FlashMode::kDout, std::uint8_t{2}, 512U << 10}, 3, 0x02},
      {{FlashMode::kQout, std::uint8_t{0xF}, 1U << 20}, 1, 0x2F},
  };
  for (const Case& row : cases) {
    const auto made = FlashableImage::Make(image, 0, row.patch, Chip::kEsp8266);
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_EQ(made->bytes()[2], row.mode);
    EXPECT_EQ(made->bytes()[3], row.size_and_frequency);
    for (const std::size_t at : Differences(*image, made->bytes()))
      EXPECT_TRUE(at == 2 || at == 3) << at;
  }
}

TEST(HeaderPatchTest, MicropythonsMd5AndTheChecksumStayValid) {
  const Bytes original = ImageBuilder{}.BuildMicropython("MicroPython v1.9.3 on 2017-11-01");
  const auto made = FlashableImage::Make(
      AsVerified(original), 0, {FlashMode::kDio, std::uint8_t{0xF}, 4U << 20}, Chip::kEsp8266);
  ASSERT_TRUE(made);
  EXPECT_NE(Bytes(made->bytes().begin(), made->bytes().end()), original);
  const auto again =
      ParseEspImage(AsVerified(Bytes(made->bytes().begin(), made->bytes().end())), Chip::kEsp8266);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_TRUE(again->has_micropython_trailer);
  EXPECT_EQ(again->HeaderFlashSize(), 4U << 20);
}

TEST(HeaderPatchTest, PatchOfSomethingElseIsRefused) {
  const HeaderPatch patch{std::nullopt, std::nullopt, 4U << 20};
  const auto garbage = FlashableImage::Make(AsVerified({1, 2, 3}), 0, patch, Chip::kEsp8266);
  ASSERT_FALSE(garbage);
  EXPECT_EQ(garbage.error().code, ExitCode::kNotTrusted);

  const auto elsewhere =
      FlashableImage::Make(AsVerified(ImageBuilder{}.Build()), 0x1000, patch, Chip::kEsp8266);
  ASSERT_FALSE(elsewhere);
  EXPECT_EQ(elsewhere.error().code, ExitCode::kRefused);
  EXPECT_EQ(elsewhere.error().message,
            "the flash settings in the header are those of the image at 0x0, not of the one at "
            "0x1000");

  const auto odd_size =
      FlashableImage::Make(AsVerified(ImageBuilder{}.Build()), 0,
                           {std::nullopt, std::nullopt, 3U << 20}, Chip::kEsp8266);
  ASSERT_FALSE(odd_size);
  EXPECT_EQ(odd_size.error().code, ExitCode::kRefused);
}

TEST(HeaderPatchTest, NamesAndSizesFollowTheTable) {
  EXPECT_EQ(ParseFlashMode("qio"), FlashMode::kQio);
  EXPECT_EQ(ParseFlashMode("qout"), FlashMode::kQout);
  EXPECT_EQ(ParseFlashMode("dio"), FlashMode::kDio);
  EXPECT_EQ(ParseFlashMode("dout"), FlashMode::kDout);
  EXPECT_EQ(ParseFlashMode("keep"), std::nullopt);
  EXPECT_EQ(ParseFrequencyNibble("40m", Chip::kEsp8266), 0);
  EXPECT_EQ(ParseFrequencyNibble("26m", Chip::kEsp8266), 1);
  EXPECT_EQ(ParseFrequencyNibble("20m", Chip::kEsp8266), 2);
  EXPECT_EQ(ParseFrequencyNibble("80m", Chip::kEsp8266), 0xF);
  EXPECT_EQ(ParseFrequencyNibble("60m", Chip::kEsp8266), std::nullopt);
  EXPECT_EQ(ParseFrequencyNibble("", Chip::kEsp8266), std::nullopt);

  const std::pair<std::uint8_t, std::uint32_t> sizes[] = {
      {0, 512U << 10}, {1, 256U << 10}, {2, 1U << 20}, {3, 2U << 20},
      {4, 4U << 20},   {8, 8U << 20},   {9, 16U << 20}};
  for (const auto& row : sizes) {
    EXPECT_EQ(SizeNibble(row.second, Chip::kEsp8266), row.first);
    EspImage image;
    image.size_nibble = row.first;
    EXPECT_EQ(image.HeaderFlashSize(), row.second);
  }
  EspImage image;
  image.size_nibble = 5;
  EXPECT_EQ(image.HeaderFlashSize(), 2U << 20);
  image.size_nibble = 6;
  EXPECT_EQ(image.HeaderFlashSize(), 4U << 20);
  for (const std::uint8_t unknown : std::initializer_list<std::uint8_t>{7, 10, 15}) {
    image.size_nibble = unknown;
    EXPECT_EQ(image.HeaderFlashSize(), std::nullopt);
  }
  EXPECT_EQ(SizeNibble(128U << 10, Chip::kEsp8266), std::nullopt);
  EXPECT_EQ(SizeNibble(32U << 20, Chip::kEsp8266), std::nullopt);
}

}  // namespace
}  // namespace lastgood
