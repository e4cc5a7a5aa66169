// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "sim/boot_model.h"
#include "sim/firmware.h"
#include "sim/image_factory.h"
#include "support/shared_input.h"
#include "support/temporary_directory.h"
#include "synthetic_image.h"

namespace lastgood::sim {
namespace {

using Family = FirmwareFacts::Family;

Bytes OnChip(const Bytes& image, std::size_t size_bytes = 4U << 20) {
  Bytes flash = image;
  flash.resize(size_bytes, 0xFF);
  return flash;
}

struct HeaderCase {
  std::uint8_t octet;
  SdkGeneration sdk;
  std::uint32_t kibibytes;
};

TEST(BootFirmwareTest, HeaderSizeIsWhatTheSdkMakesOfIt) {
  const HeaderCase cases[] = {
      {0x00, SdkGeneration::kSdk2_0, 512},  {0x1F, SdkGeneration::kSdk2_0, 256},
      {0x20, SdkGeneration::kSdk2_0, 1024}, {0x30, SdkGeneration::kSdk2_0, 2048},
      {0x40, SdkGeneration::kSdk2_0, 4096}, {0x50, SdkGeneration::kSdk2_0, 2048},
      {0x60, SdkGeneration::kSdk2_0, 4096}, {0x70, SdkGeneration::kSdk2_0, 512},
      {0x80, SdkGeneration::kSdk2_0, 512},  {0x90, SdkGeneration::kSdk2_0, 512},
      {0x80, SdkGeneration::kSdk2_1, 8192}, {0x90, SdkGeneration::kSdk2_1, 16384},
      {0xF0, SdkGeneration::kSdk2_1, 512},  {0x80, SdkGeneration::kSdk1, 512},
  };
  for (const HeaderCase& c : cases)
    EXPECT_EQ(HeaderFlashSize(c.octet, c.sdk), c.kibibytes << 10) << int{c.octet};
}

TEST(BootFirmwareTest, BlankFlashIsNothing) {
  const Firmware firmware = ExamineFirmware(Bytes(1U << 20, 0xFF));
  EXPECT_FALSE(firmware.rom_load.loaded);
  EXPECT_EQ(firmware.family, Family::kOther);
}

TEST(BootFirmwareTest, FileSystemBeginsBehindTheReservedSector) {
  EXPECT_EQ(FileSystemStart(0x20000), 0x91000U);
  EXPECT_EQ(FileSystemStart(0x90000), 0x91000U);
  EXPECT_EQ(FileSystemStart(0x90001), 0x92000U);
  EXPECT_EQ(FileSystemStart(0x9CBAC), 0x9E000U);
}

TEST(BootFirmwareTest, UnknownApplicationIsOther) {
  Bytes image = V1Image({{0x40100000, Padded4("some other program")}});
  image.resize(0x9000, 0xFF);
  Append(image, Bytes(100, 0x42));
  const Firmware firmware = ExamineFirmware(OnChip(image));
  EXPECT_TRUE(firmware.rom_load.loaded);
  EXPECT_TRUE(firmware.intact);
  EXPECT_EQ(firmware.family, Family::kOther);
}

TEST(BootFirmwareTest, TrailerOffsetsThatCannotBeAreNotFollowed) {
  for (const std::uint32_t offset : {0U, 0x8FFFU, 0x100001U, 0x3FFFF8U, 0xFFFFFFFEU}) {
    Bytes image = MicropythonImage(kSdk1Texts);
    for (unsigned i = 0; i < 4; ++i)
      image[0x8FFC + i] = static_cast<std::uint8_t>(offset >> (8 * i));
    const Firmware firmware = ExamineFirmware(OnChip(image));
    EXPECT_EQ(firmware.family, Family::kMicropython) << offset;
    EXPECT_LE(firmware.end, 0x100000U) << offset;
  }
}

TEST(BootFirmwareTest, AnyPrefixAndAnyFlipOfAnImageIsExaminedWithoutHarm) {
  for (const Bytes& image : {MicropythonImage(kSdk20Texts), AtImage()}) {
    for (std::size_t length = 0; length < image.size(); length += 997)
      ExamineFirmware(ByteSpan(image).first(length));
    for (const std::size_t at : {1U, 12U, 13U, 14U, 15U, 0x8FFEU, 0x1001U, 0x100CU, 0x100EU,
                                 0x100FU, 0x1111U, 0x1118U, 0x111BU}) {
      Bytes flipped = image;
      flipped[at] ^= 0x80;
      ExamineFirmware(flipped);
    }
  }
}

struct RealImage {
  const char* file;
  Family family;
  SdkGeneration sdk;
  const char* version;
  std::uint32_t end;
  bool corrects_header;
};

TEST(BootFirmwareTest, RealImagesAreRecognised) {
  const RealImage images[] = {
      {"esp8266-2016-07-23-v1.8.2-39-g2dd21d9.bin", Family::kMicropython, SdkGeneration::kSdk1,
       "v1.8.2-39-g2dd21d9 on 2016-07-23", 0x7D000, true},
      {"esp8266-20161110-v1.8.6.bin", Family::kMicropython, SdkGeneration::kSdk2_0,
       "v1.8.6-7-gefd0927 on 2016-11-10", 565980, true},
      {"esp8266-20170108-v1.8.7.bin", Family::kMicropython, SdkGeneration::kSdk2_0,
       "v1.8.7-7-gb5a1a20a3 on 2017-01-09", 586700, false},
      {"esp8266-20171101-v1.9.3.bin", Family::kMicropython, SdkGeneration::kSdk2_0,
       "v1.9.3-8-g63826ac5c on 2017-11-01", 600888, false},
      {"ESP8266_GENERIC-20240105-v1.22.1.bin", Family::kMicropython, SdkGeneration::kSdk2_1,
       "v1.22.1 on 2024-01-05", 641964, false},
      {"ESP8266_GENERIC-FLASH_1M-20240105-v1.22.1.bin", Family::kMicropython,
       SdkGeneration::kSdk2_1, "v1.22.1 on 2024-01-05", 603232, false},
      {"pimoroni-at-esp8266-firmware-latest.bin", Family::kAt, SdkGeneration::kSdk1, "", 0x65764,
       false},
  };
  for (const RealImage& image : images) {
    SCOPED_TRACE(image.file);
    const auto path = test::SharedInput(std::string("firmware/") + image.file);
    if (!path) return;
    const Firmware firmware = ExamineFirmware(OnChip(test::ReadAll(*path)));
    EXPECT_TRUE(firmware.rom_load.loaded);
    EXPECT_TRUE(firmware.intact);
    EXPECT_EQ(firmware.family, image.family);
    EXPECT_EQ(firmware.sdk, image.sdk);
    EXPECT_EQ(firmware.version, image.version);
    EXPECT_EQ(firmware.end, image.end);
    EXPECT_EQ(firmware.corrects_header, image.corrects_header);
    EXPECT_EQ(firmware.behaviour, Behaviour::kNormal);
  }
}

struct MadeImage {
  ImageRequest::Kind kind;
  Family family;
  bool sdk1;
  Behaviour behaviour;
};

// What sim/image_factory.h makes is read by the same eyes.
TEST(BootFirmwareTest, MadeImagesAreRecognised) {
  using Kind = ImageRequest::Kind;
  const MadeImage images[] = {
      {Kind::kMicropython, Family::kMicropython, false, Behaviour::kNormal},
      {Kind::kMicropythonSdk1, Family::kMicropython, true, Behaviour::kNormal},
      {Kind::kAt, Family::kAt, true, Behaviour::kNormal},
      {Kind::kCrashingLate, Family::kMicropython, false, Behaviour::kCrashesLate},
  };
  for (const MadeImage& image : images) {
    SCOPED_TRACE(static_cast<int>(image.kind));
    ImageRequest request;
    request.kind = image.kind;
    const Firmware firmware = ExamineFirmware(OnChip(MakeImage(request)));
    EXPECT_TRUE(firmware.rom_load.loaded);
    EXPECT_TRUE(firmware.intact);
    EXPECT_FALSE(firmware.second_stage_fails);
    EXPECT_EQ(firmware.family, image.family);
    EXPECT_EQ(firmware.sdk == SdkGeneration::kSdk1, image.sdk1);
    EXPECT_EQ(firmware.behaviour, image.behaviour);
    if (image.family == Family::kMicropython) {
      EXPECT_EQ(firmware.version.rfind("v1.22.1", 0), 0U) << firmware.version;
    }
  }
  for (const auto& [kind, behaviour] : {std::pair{Kind::kCrashing, Behaviour::kCrashes},
                                        std::pair{Kind::kSilent, Behaviour::kSilent}}) {
    ImageRequest request;
    request.kind = kind;
    const Firmware firmware = ExamineFirmware(OnChip(MakeImage(request)));
    EXPECT_TRUE(firmware.rom_load.loaded);
    EXPECT_EQ(firmware.behaviour, behaviour);
  }
}

}  // namespace
}  // namespace lastgood::sim
