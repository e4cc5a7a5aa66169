// SPDX-License-Identifier: MIT
// Made images against the formats of section 13, read here by offsets, and against real images.
#include "sim/image_factory.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "digest/digest.h"
#include "support/shared_input.h"
#include "support/temporary_directory.h"

namespace lastgood::sim {
namespace {

using Kind = ImageRequest::Kind;

ImageRequest Request(Kind kind, std::string version = "1.22.1", std::uint32_t size = 96 * 1024,
                     std::uint32_t seed = 1) {
  return {kind, std::move(version), size, seed};
}

bool Has(ByteSpan image, std::string_view text) {
  return AsText(image).find(text) != std::string_view::npos;
}

// 13.1 by hand, from `offset`: load addresses, and where the image ends. Fails on a bad checksum.
struct Parsed {
  std::uint32_t entry = 0;
  std::vector<std::uint32_t> addresses;
  std::size_t end = 0;
};

Parsed ParseV1(ByteSpan image, std::size_t offset) {
  Parsed parsed;
  EXPECT_EQ(image[offset], 0xE9);
  parsed.entry = LoadLe32(image, offset + 4);
  std::size_t at = offset + 8;
  std::uint8_t checksum = 0xEF;
  for (int i = 0; i < image[offset + 1]; ++i) {
    const std::uint32_t length = LoadLe32(image, at + 4);
    parsed.addresses.push_back(LoadLe32(image, at));
    EXPECT_EQ(length % 4, 0U);
    EXPECT_LE(at + 8 + length, image.size());
    for (const std::uint8_t octet : image.subspan(at + 8, length)) checksum ^= octet;
    at += 8 + length;
  }
  for (; (at - offset) % 16 != 15; ++at) EXPECT_EQ(image[at], 0) << "padding at " << at;
  EXPECT_EQ(image[at], checksum);
  parsed.end = at + 1;
  return parsed;
}

// CRC-32 by table; the factory computes it bit by bit.
std::uint32_t Crc32ByTable(ByteSpan data) {
  std::vector<std::uint32_t> table(256);
  for (std::uint32_t i = 0; i < 256; ++i) {
    table[i] = i;
    for (int bit = 0; bit < 8; ++bit)
      table[i] = (table[i] & 1) != 0 ? 0xEDB88320U ^ (table[i] >> 1) : table[i] >> 1;
  }
  std::uint32_t crc = ~0U;
  for (const std::uint8_t octet : data) crc = table[(crc ^ octet) & 0xFF] ^ (crc >> 8);
  return ~crc;
}

void ExpectMicropythonLayout(ByteSpan image) {
  const Parsed rom = ParseV1(image, 0);
  ASSERT_LE(rom.end, 0x8FFCU);
  for (std::size_t i = rom.end; i < 0x8FFC; ++i) ASSERT_EQ(image[i], 0xFF) << i;
  const std::uint32_t end = LoadLe32(image, 0x8FFC);
  ASSERT_EQ(end + 16U, image.size());
  const Md5Digest md5 = Md5(image.subspan(4, end - 4));
  EXPECT_TRUE(std::equal(md5.octets.begin(), md5.octets.end(), image.begin() + end));
}

void ExpectAtLayout(ByteSpan image) {
  ASSERT_EQ(image.size(), 0xFF000U);
  const Parsed boot = ParseV1(image, 0);
  EXPECT_EQ(boot.entry, 0x40100420U);
  EXPECT_EQ(boot.end, 0xCA0U);
  EXPECT_TRUE(Has(image.first(boot.end), "2nd boot version : 1.5\n"));
  for (std::size_t i = boot.end; i < 0x1000; ++i) ASSERT_EQ(image[i], 0xFF) << i;
  EXPECT_EQ(image[0x1000], 0xEA);
  EXPECT_EQ(image[0x1001], 4);
  EXPECT_EQ(LoadLe32(image, 0x1004), 0x40100004U);
  EXPECT_EQ(LoadLe32(image, 0x1008), 0U);
  const std::uint32_t irom_bytes = LoadLe32(image, 0x100C);
  EXPECT_EQ(irom_bytes % 16, 0U);
  const Parsed inner = ParseV1(image, 0x1010 + irom_bytes);
  EXPECT_EQ(inner.entry, 0x40100004U);
  const std::uint32_t crc = Crc32ByTable(image.subspan(0x1000, inner.end - 0x1000));
  EXPECT_EQ(LoadLe32(image, inner.end), (crc & 0x80000000U) != 0 ? ~crc : crc + 1);
  for (std::size_t i = inner.end + 4; i < 0xFC000; ++i) ASSERT_EQ(image[i], 0xFF) << i;
  EXPECT_EQ(ToHex(image.data() + 0xFC000, 8), "0500040205050502");
  for (std::size_t i = 0xFC080; i < image.size(); ++i) ASSERT_EQ(image[i], 0xFF) << i;
}

TEST(ImageFactoryTest, MicropythonHasTheCombinedLayout) {
  for (const Kind kind : {Kind::kMicropython, Kind::kMicropythonSdk1, Kind::kCrashing,
                          Kind::kCrashingLate, Kind::kSilent}) {
    for (const char* const version : {"1.8.3", "1.8.7", "1.22.1"}) {
      SCOPED_TRACE(std::to_string(static_cast<int>(kind)) + " " + version);
      ExpectMicropythonLayout(MakeImage(Request(kind, version)));
    }
  }
}

TEST(ImageFactoryTest, HeaderAndSdkAreThoseOfTheRelease) {
  const struct {
    Kind kind;
    const char* version;
    std::uint32_t entry;
    std::uint8_t size_and_frequency;
    const char* sdk;
    bool writes_init_data;
  } rows[] = {
      {Kind::kMicropython, "1.8.7", 0x401006C4, 0x00, "2.0.0(5a875ba)", true},
      {Kind::kMicropython, "1.22.1", 0x40100420, 0x20, "2.2.0-dev(9422289)", true},
      {Kind::kMicropythonSdk1, "1.8.3", 0x40100004, 0x00, "1.5.4(baaeaebb)", false},
      {Kind::kCrashing, "1.8.7", 0x401006C4, 0x00, "2.0.0(5a875ba)", true},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.version);
    const Bytes image = MakeImage(Request(row.kind, row.version));
    EXPECT_EQ(LoadLe32(image, 4), row.entry);
    EXPECT_EQ(image[2], 0);
    EXPECT_EQ(image[3], row.size_and_frequency);
    EXPECT_TRUE(Has(image, row.sdk));
    EXPECT_EQ(Has(image, "Writing init data"), row.writes_init_data);
  }
}

TEST(ImageFactoryTest, BannerIsInTheImageAsReleasesHaveIt) {
  const auto banner = [](const char* version, std::string_view wanted) {
    return Has(MakeImage(Request(Kind::kMicropython, version)), wanted);
  };
  using std::string_view_literals::operator""sv;
  EXPECT_TRUE(banner("1.8.7", "MicroPython v1.8.7 on 2017-01-08; ESP module with ESP8266\r\n\0"sv));
  EXPECT_TRUE(banner("1.22.1", "3.4.0; MicroPython v1.22.1 on 2024-01-05\0"sv));
  EXPECT_TRUE(banner("v1.9.4", "MicroPython v1.9.4 on 2026-01-01; "sv));
  EXPECT_TRUE(banner("1.8.7-7-gb5a1a20a3 on 2017-01-09",
                     "MicroPython v1.8.7-7-gb5a1a20a3 on 2017-01-09; "sv));
}

TEST(ImageFactoryTest, ReleaseBeforeTheTrailerHasNone) {
  const Bytes image = MakeImage(Request(Kind::kMicropythonSdk1, "1.8.2"));
  EXPECT_LT(ParseV1(image, 0).end, 0x8FFCU);
  EXPECT_EQ(LoadLe32(image, 0x8FFC), 0xFFFFFFFFU);
  EXPECT_FALSE(Has(image, "md5: "));
}

TEST(ImageFactoryTest, FaultyKindsCarryTheirMarker) {
  const std::map<Kind, std::string> markers = {{Kind::kCrashing, "lastgood-sim:crashing"},
                                               {Kind::kCrashingLate, "lastgood-sim:crashing-late"},
                                               {Kind::kSilent, "lastgood-sim:silent"}};
  for (const auto& [kind, marker] : markers)
    EXPECT_TRUE(Has(MakeImage(Request(kind)), marker + '\0')) << marker;
  for (const Kind kind : {Kind::kMicropython, Kind::kMicropythonSdk1, Kind::kAt})
    EXPECT_FALSE(Has(MakeImage(Request(kind)), "lastgood-sim:"));
}

TEST(ImageFactoryTest, SizeIsAsAskedWithinItsBounds) {
  const auto size = [](std::uint32_t asked) {
    return MakeImage(Request(Kind::kMicropython, "1.22.1", asked)).size();
  };
  EXPECT_EQ(size(96 * 1024), 96U * 1024);
  EXPECT_EQ(size(641964), 641964U);
  EXPECT_EQ(size(100001), 100000U);
  EXPECT_EQ(size(0), 40U * 1024);
  EXPECT_EQ(size(0xFFFFFFFF), 1024U * 1024);
}

TEST(ImageFactoryTest, AtHasTheLayoutOfThePhatsFirmware) {
  for (const std::uint32_t size : {0U, 96U * 1024, 123456U, 0xFFFFFFFFU}) {
    SCOPED_TRACE(size);
    const Bytes image = MakeImage(Request(Kind::kAt, "", size));
    ExpectAtLayout(image);
    EXPECT_TRUE(Has(image, "AT version:%d.%d.%d.%d(%s %s)\r\n"));
    EXPECT_TRUE(Has(image, "SDK version:%s\r\n"));
  }
}

TEST(ImageFactoryTest, RealImagesPassTheSameReading) {
  if (const auto path = test::SharedInput("firmware/esp8266-20170108-v1.8.7.bin")) {
    const Bytes real = test::ReadAll(*path);
    ExpectMicropythonLayout(real);
    EXPECT_EQ(ParseV1(real, 0).addresses[0],
              ParseV1(MakeImage(Request(Kind::kMicropython, "1.8.7")), 0).addresses[0]);
  }
  if (const auto path = test::SharedInput("firmware/ESP8266_GENERIC-20240105-v1.22.1.bin")) {
    const Bytes real = test::ReadAll(*path);
    const Bytes made = MakeImage(Request(Kind::kMicropython, "1.22.1"));
    ExpectMicropythonLayout(real);
    EXPECT_TRUE(std::equal(real.begin(), real.begin() + 8, made.begin()));
    EXPECT_TRUE(Has(real, "3.4.0; MicroPython v1.22.1 on 2024-01-05"));
  }
  if (const auto path = test::SharedInput("firmware/pimoroni-at-esp8266-firmware-latest.bin")) {
    const Bytes real = test::ReadAll(*path);
    const Bytes made = MakeImage(Request(Kind::kAt));
    ExpectAtLayout(real);
    EXPECT_TRUE(std::equal(real.begin(), real.begin() + 16, made.begin()));
    EXPECT_TRUE(std::equal(real.begin() + 0x1000, real.begin() + 0x100C, made.begin() + 0x1000));
  }
}

TEST(ImageFactoryTest, SeedDecidesTheFillerAndNothingElse) {
  const Bytes one = MakeImage(Request(Kind::kMicropython));
  EXPECT_EQ(one, MakeImage(Request(Kind::kMicropython)));
  const Bytes two = MakeImage(Request(Kind::kMicropython, "1.22.1", 96 * 1024, 2));
  ASSERT_EQ(one.size(), two.size());
  std::size_t differing_sectors = 0;
  for (std::size_t at = 0x9000; at < one.size(); at += 0x1000)
    if (!std::equal(one.begin() + static_cast<std::ptrdiff_t>(at),
                    one.begin() + static_cast<std::ptrdiff_t>(at + 0x1000),
                    two.begin() + static_cast<std::ptrdiff_t>(at)))
      ++differing_sectors;
  EXPECT_EQ(differing_sectors, (one.size() - 0x9000) / 0x1000);
}

TEST(ImageFactoryTest, KindsHaveNames) {
  EXPECT_EQ(*ParseImageKind("micropython"), Kind::kMicropython);
  EXPECT_EQ(*ParseImageKind("micropython-sdk1"), Kind::kMicropythonSdk1);
  EXPECT_EQ(*ParseImageKind("at"), Kind::kAt);
  EXPECT_EQ(*ParseImageKind("crashing"), Kind::kCrashing);
  EXPECT_EQ(*ParseImageKind("crashing-late"), Kind::kCrashingLate);
  EXPECT_EQ(*ParseImageKind("silent"), Kind::kSilent);
  const auto unknown = ParseImageKind("Silent");
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, ExitCode::kUsage);
  EXPECT_EQ(unknown.error().message, "unknown kind of image 'Silent'");
  EXPECT_EQ(unknown.error().hint,
            "known kinds: micropython, micropython-sdk1, at, crashing, crashing-late, silent, "
            "circuitpython");
}

}  // namespace
}  // namespace lastgood::sim
