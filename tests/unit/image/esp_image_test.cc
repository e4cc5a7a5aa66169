// SPDX-License-Identifier: MIT
#include "image/esp_image.h"

#include <gtest/gtest.h>

#include <random>

#include "support/verified.h"
#include "unit/image/image_builder.h"

namespace lastgood {
namespace {

using test::AsVerified;
using test::ImageBuilder;

constexpr std::string_view kBanner =
    "MicroPython v1.8.7-7-gb5a1a20a3 on 2017-01-09; ESP module with ESP8266";

std::string MessageOf(const Bytes& bytes) {
  const Result<EspImage> parsed = ParseEspImage(AsVerified(bytes), Chip::kEsp8266);
  if (parsed) return "accepted";
  EXPECT_EQ(parsed.error().code, ExitCode::kNotTrusted);
  return parsed.error().message;
}

TEST(EspImageTest, HeaderAndSegmentsAreRead) {
  ImageBuilder builder;
  builder.mode = 2;
  builder.size_and_frequency = 0x4F;
  builder.entry = 0x40100420;
  const auto image = ParseEspImage(AsVerified(builder.Build()), Chip::kEsp8266);
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_EQ(image->mode, 2);
  EXPECT_EQ(image->size_nibble, 4);
  EXPECT_EQ(image->frequency_nibble, 0xF);
  EXPECT_EQ(image->HeaderFlashSize(), 4U << 20);
  EXPECT_EQ(image->entry, 0x40100420U);
  ASSERT_EQ(image->segments.size(), 2U);
  EXPECT_EQ(image->segments[0].load_address, 0x40100000U);
  EXPECT_EQ(image->segments[0].file_offset, 16U);
  EXPECT_EQ(image->segments[0].size_bytes, 64U);
  EXPECT_EQ(image->segments[1].load_address, 0x3FFE8000U);
  EXPECT_EQ(image->segments[1].file_offset, 88U);
  EXPECT_EQ(image->segments[1].size_bytes, 8U);
  EXPECT_EQ(image->checksum, 0xEF ^ 8);  // 64 equal octets cancel out, 1 ^ … ^ 8 = 8
  EXPECT_EQ(image->family, FirmwareFamily::kUnknown);
  EXPECT_FALSE(image->writes_init_data);
  EXPECT_FALSE(image->has_micropython_trailer);
}

TEST(EspImageTest, DamageIsRefusedWithItsPlace) {
  const Bytes good = ImageBuilder{}.Build();
  struct Case {
    std::string_view what;
    std::size_t at;
    std::uint8_t value;
    std::string_view message;
  };
  const Case cases[] = {
      {"magic", 0, 0x00, "not an ESP8266 image: it looks like unknown data"},
      {"no segments", 1, 0, "ESP8266 image claims 0 segments, 1 to 16 are possible"},
      {"too many segments", 1, 17, "ESP8266 image claims 17 segments, 1 to 16 are possible"},
      {"mode", 2, 4, "ESP8266 image has unknown flash mode 0x04"},
      {"entry in data RAM", 7, 0x3F, "ESP8266 image starts at 0x3f100004, where no code can be"},
      {"load address", 11, 0x00,
       "segment 0 of the ESP8266 image (64 bytes) loads to 0x00100000, where the chip has no "
       "memory "
       "for it"},
      {"length not of words", 12, 0x41,
       "segment 0 of the ESP8266 image has 65 bytes, not a multiple of 4"},
      {"length past the end", 13, 0x01,
       "segment 0 of the ESP8266 image has 320 bytes at 0x10, past the end at 0x70"},
      {"segment data", 20, 0x10,
       "ESP8266 image is damaged: checksum at 0x6f is 0xe7, its segments give 0xe6"},
      {"checksum", 0x6F, 0x00,
       "ESP8266 image is damaged: checksum at 0x6f is 0x00, its segments give 0xe7"},
  };
  ASSERT_EQ(MessageOf(good), "accepted");
  for (const Case& damage : cases) {
    SCOPED_TRACE(damage.what);
    Bytes bytes = good;
    bytes[damage.at] = damage.value;
    EXPECT_EQ(MessageOf(bytes), damage.message);
  }
}

TEST(EspImageTest, EveryTruncationIsRefused) {
  const Bytes good = ImageBuilder{}.Build();
  for (std::size_t size = 0; size < good.size(); ++size) {
    const Bytes cut(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_NE(MessageOf(cut), "accepted") << size;
  }
}

TEST(EspImageTest, SegmentLargerThanItsMemoryIsRefused) {
  ImageBuilder builder;
  builder.segments = {{0x4010FFF0, Bytes(32, 1)}};
  EXPECT_EQ(MessageOf(builder.Build()),
            "segment 0 of the ESP8266 image (32 bytes) loads to 0x4010fff0, where the chip has no "
            "memory for it");
}

TEST(EspImageTest, EverySingleBitFlipUnderACheckIsRefused) {
  const Bytes good = ImageBuilder{}.BuildMicropython(kBanner);
  ASSERT_EQ(MessageOf(good), "accepted");
  int accepted = 0;
  for (std::size_t at = 0; at < good.size(); at += at < 0x200 ? 1 : 37) {
    for (int bit = 0; bit < 8; ++bit) {
      Bytes bytes = good;
      bytes[at] ^= static_cast<std::uint8_t>(1 << bit);
      if (MessageOf(bytes) != "accepted") continue;
      ++accepted;
      // Not under MicroPython's MD5: flash mode (two bits lead to another valid one) and size and
      // frequency, which flashing tools patch.
      EXPECT_TRUE(at == 2 || at == 3) << at << " bit " << bit;
    }
  }
  EXPECT_EQ(accepted, 2 + 8);
}

TEST(EspImageTest, MicropythonIsRecognised) {
  ImageBuilder builder;
  builder.entry = 0x401006C4;
  const auto image = ParseEspImage(AsVerified(builder.BuildMicropython(kBanner)), Chip::kEsp8266);
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_EQ(image->family, FirmwareFamily::kMicropython);
  EXPECT_EQ(image->version, "v1.8.7-7-gb5a1a20a3");
  EXPECT_TRUE(image->has_micropython_trailer);
  EXPECT_TRUE(image->writes_init_data);
}

TEST(EspImageTest, MicropythonThatEntersTheSdkDirectlyDoesNotWriteInitData) {
  const auto image =
      ParseEspImage(AsVerified(ImageBuilder{}.BuildMicropython(kBanner)), Chip::kEsp8266);
  ASSERT_TRUE(image);
  EXPECT_EQ(image->entry, 0x40100004U);
  EXPECT_FALSE(image->writes_init_data);
}

TEST(EspImageTest, OtherFirmwareWithAnyEntryDoesNotWriteInitDataUnlessItSaysSo) {
  ImageBuilder builder;
  builder.entry = 0x40100420;
  EXPECT_FALSE(ParseEspImage(AsVerified(builder.Build()), Chip::kEsp8266)->writes_init_data);
  Bytes text = ToBytes("Writing init data\n");
  text.resize(20);
  builder.segments.push_back({0x3FFE9000, text});
  EXPECT_TRUE(ParseEspImage(AsVerified(builder.Build()), Chip::kEsp8266)->writes_init_data);
}

TEST(EspImageTest, MicropythonCutOffIsRefusedEvenWhereTheSegmentsAreWhole) {
  Bytes bytes = ImageBuilder{}.BuildMicropython(kBanner);
  bytes.resize(bytes.size() - 200);
  EXPECT_EQ(MessageOf(bytes), "MicroPython image is cut off: 37448 bytes of 37648");
}

TEST(EspImageTest, MicropythonFollowedByOtherDataKeepsItsTrailer) {
  Bytes bytes = ImageBuilder{}.BuildMicropython(kBanner);
  bytes.resize(bytes.size() + 5000, 0xFF);
  const auto image = ParseEspImage(AsVerified(bytes), Chip::kEsp8266);
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_TRUE(image->has_micropython_trailer);
}

TEST(EspImageTest, ImageWithFillingBeforeTheSizeWordAndNoneInItHasNoTrailer) {
  Bytes bytes = ImageBuilder{}.Build();
  bytes.resize(0x9000, 0xFF);
  bytes.resize(0xA000, 0x77);
  const auto image = ParseEspImage(AsVerified(bytes), Chip::kEsp8266);
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_FALSE(image->has_micropython_trailer);
}

TEST(EspImageTest, VersionIsTheBannersAndNotAMention) {
  struct Case {
    std::string_view text;
    std::string_view version;
  };
  const Case cases[] = {
      {"3.4.0; MicroPython v1.22.1 on 2024-01-05", "v1.22.1"},
      {"MicroPython v1.8.2-39-g2dd21d9 on 2016-07-23; ESP module", "v1.8.2-39-g2dd21d9"},
      {"MicroPython v1.24.0-preview.344.gb1ac266bb on 2024-09-01",
       "v1.24.0-preview.344.gb1ac266bb"},
      {"MicroPython (with v2.0 preview) v1.25.0 on 2025-04-15; ESP", "v1.25.0"},
      {"Welcome to MicroPython! MicroPython v2 is great. MicroPython v1.9.3 on 2017-11-01",
       "v1.9.3"},
      {"MicroPython-%s and MicroPython vNext on 2020-01-01", ""},
      {"MicroPython v1.2.3", ""},
      {"", ""},
  };
  for (const Case& row : cases) {
    SCOPED_TRACE(row.text);
    const auto image =
        ParseEspImage(AsVerified(ImageBuilder{}.BuildMicropython(row.text)), Chip::kEsp8266);
    ASSERT_TRUE(image);
    EXPECT_EQ(image->version, row.version);
    EXPECT_EQ(image->family,
              row.version.empty() ? FirmwareFamily::kUnknown : FirmwareFamily::kMicropython);
  }
}

TEST(EspImageTest, AtFirmwareIsRecognisedWithOrWithoutItsNumbers) {
  for (const auto& [text, version] :
       {std::pair<std::string_view, std::string_view>{"AT version:%d.%d.%d.%d(%s %s)", ""},
        {"AT version:2.2.0.0(s-b097cdf - Jun 17 2021)", "2.2.0.0"}}) {
    const auto image =
        ParseEspImage(AsVerified(ImageBuilder{}.BuildMicropython(text)), Chip::kEsp8266);
    ASSERT_TRUE(image);
    EXPECT_EQ(image->family, FirmwareFamily::kAt);
    EXPECT_EQ(image->version, version);
  }
}

TEST(EspImageTest, WorkOnRandomBytesIsBoundedAndEndsInAVerdict) {
  constexpr std::uint32_t kSeed = 20160723;
  SCOPED_TRACE(kSeed);
  std::mt19937 random(kSeed);
  int accepted = 0;
  for (int round = 0; round < 3000; ++round) {
    Bytes bytes(random() % 600);
    for (auto& octet : bytes) octet = static_cast<std::uint8_t>(random());
    // Lead some of them past the first checks, so that the later ones see nonsense too.
    const ImageBuilder builder;
    const Bytes good = builder.Build();
    const std::size_t lead = random() % 24;
    std::copy_n(good.begin(), std::min(lead, bytes.size()), bytes.begin());
    if (ParseEspImage(AsVerified(bytes), Chip::kEsp8266)) ++accepted;
  }
  EXPECT_LT(accepted, 20);  // an 8-bit checksum lets 1 in 256 of the well-formed ones pass
}

TEST(EspImageTest, RandomSizeWordsNeverReadOutsideTheFile) {
  constexpr std::uint32_t kSeed = 7;
  SCOPED_TRACE(kSeed);
  std::mt19937 random(kSeed);
  const Bytes good = ImageBuilder{}.BuildMicropython(kBanner);
  for (int round = 0; round < 200; ++round) {
    Bytes bytes = good;
    const std::uint32_t word = round < 60       ? 0x9000U - 30 + static_cast<std::uint32_t>(round)
                               : round % 2 == 0 ? static_cast<std::uint32_t>(random())
                                                : static_cast<std::uint32_t>(random() % 0x20000);
    for (std::size_t i = 0; i < 4; ++i)
      bytes[0x8FFC + i] = static_cast<std::uint8_t>(word >> (8 * i));
    if (word != LoadLe32(good, 0x8FFC)) {
      EXPECT_FALSE(ParseEspImage(AsVerified(bytes), Chip::kEsp8266) &&
                   ParseEspImage(AsVerified(bytes), Chip::kEsp8266)->has_micropython_trailer)
          << word;
    }
  }
}

}  // namespace
}  // namespace lastgood
