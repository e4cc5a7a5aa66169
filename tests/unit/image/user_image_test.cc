// SPDX-License-Identifier: MIT
// Images that the ESP8266's second-stage loader starts (protocol reference, 13.2).
#include <gtest/gtest.h>

#include "image/crc32.h"
#include "image/esp_image.h"
#include "support/verified.h"
#include "unit/image/image_builder.h"

namespace lastgood {
namespace {

using test::AsVerified;

Bytes UserImage() {
  Bytes out = {0xEA, 0x04, 0, 0x01, 0x04, 0, 0x10, 0x40};
  AppendLe32(out, 0);
  AppendLe32(out, 64);
  Append(out, Bytes(64, 0x33));
  Append(out, test::ImageBuilder{}.Build());
  AppendLe32(out, BootLoaderCrc(out));
  return out;
}

std::string MessageOf(const Bytes& bytes) {
  const Result<EspImage> parsed = ParseEspImage(AsVerified(bytes), Chip::kEsp8266);
  return parsed ? "accepted" : parsed.error().message;
}

// The common CRC-32 of "123456789" is 0xCBF43926, of "a" 0xE8B7BE43, of "The quick brown fox jumps
// over the lazy dog" 0x414FA339.
TEST(UserImageTest, CrcIsKeptAsTheLoaderKeepsIt) {
  EXPECT_EQ(BootLoaderCrc(AsBytes("123456789")), ~0xCBF43926U);
  EXPECT_EQ(BootLoaderCrc(AsBytes("a")), ~0xE8B7BE43U);
  EXPECT_EQ(BootLoaderCrc(AsBytes("The quick brown fox jumps over the lazy dog")), 0x414FA339U + 1);
}

TEST(UserImageTest, BothPartsAreRead) {
  const auto image = ParseEspImage(AsVerified(UserImage()), Chip::kEsp8266);
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_TRUE(image->is_user_image);
  ASSERT_EQ(image->segments.size(), 3U);
  EXPECT_EQ(image->segments[0].load_address, 0U);
  EXPECT_EQ(image->segments[0].size_bytes, 64U);
  EXPECT_EQ(image->segments[1].load_address, 0x40100000U);
  EXPECT_EQ(image->size_bytes, UserImage().size());
}

TEST(UserImageTest, DamageIsRefusedWithItsPlace) {
  struct Case {
    std::size_t at;
    std::uint8_t value;
    std::string_view message;
  };
  const Case cases[] = {
      {1, 3, "not an ESP8266 image: it looks like unknown data"},
      {20, 0, "ESP8266 image is damaged: CRC at 0xc0 is 0x"},
      {80, 0, "ESP8266 image is damaged: 0x00 where its inner header starts (0x50)"},
      {100, 0, "ESP8266 image is damaged: checksum at 0xbf is 0xe7, its segments give 0xf6"},
      {13, 2, "segment 0 of the ESP8266 image has 576 bytes at 0x10, past the end at 0xc4"},
  };
  for (const Case& row : cases) {
    Bytes bytes = UserImage();
    bytes[row.at] = row.value;
    EXPECT_EQ(MessageOf(bytes).substr(0, row.message.size()), row.message);
  }
}

TEST(UserImageTest, EveryTruncationIsRefused) {
  const Bytes good = UserImage();
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_NE(MessageOf(Bytes(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size))),
              "accepted");
  }
}

TEST(UserImageTest, ItsHeaderIsNotPatched) {
  const auto made = FlashableImage::Make(AsVerified(UserImage()), 0,
                                         {std::nullopt, std::nullopt, 4U << 20}, Chip::kEsp8266);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().message,
            "not an image that the boot ROM starts: it looks like an ESP8266 user image, which a "
            "boot loader at 0x0 starts");
}

}  // namespace
}  // namespace lastgood
