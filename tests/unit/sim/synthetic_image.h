// SPDX-License-Identifier: MIT
// Firmware images put together by hand, byte for byte as sections 13.1, 13.2 and 13.6 describe
// them. Independent of sim/image_factory.h, which must agree with the same reader.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "digest/digest.h"

namespace lastgood::sim {

struct Segment {
  std::uint32_t address = 0;
  Bytes data;
};

// Header, segments, padding, checksum.
inline Bytes V1Image(const std::vector<Segment>& segments, std::uint8_t size_and_frequency = 0x40,
                     std::uint8_t magic = 0xE9) {
  Bytes image = {magic, static_cast<std::uint8_t>(segments.size()), 0x00, size_and_frequency};
  AppendLe32(image, 0x40100004);
  std::uint8_t checksum = 0xEF;
  for (const Segment& segment : segments) {
    AppendLe32(image, segment.address);
    AppendLe32(image, static_cast<std::uint32_t>(segment.data.size()));
    Append(image, segment.data);
    for (const std::uint8_t octet : segment.data)
      checksum = static_cast<std::uint8_t>(checksum ^ octet);
  }
  image.resize(image.size() | 15, 0x00);
  image.push_back(checksum);
  return image;
}

inline Bytes Padded4(std::string_view text) {
  Bytes bytes = ToBytes(text);
  bytes.resize((bytes.size() + 3) / 4 * 4, 0x00);
  return bytes;
}

inline constexpr std::string_view kSdk20Texts = "Writing init data\n 2.0.0(5a875ba)";
inline constexpr std::string_view kSdk21Texts = "Writing init data\n SDK ver: 2.1";
inline constexpr std::string_view kSdk1Texts = "SDK ver: 1.5.4";

// MicroPython's combined image with its MD5 behind it (13.6).
inline Bytes MicropythonImage(std::string_view sdk_texts, std::uint8_t size_and_frequency = 0x40,
                              std::string_view version = "v1.8.7-7-gtest on 2017-01-09",
                              std::string_view more_code = "") {
  Bytes image = V1Image({{0x40100000, Padded4(sdk_texts)}}, size_and_frequency);
  image.resize(0x8FFC, 0xFF);
  const std::string irom = std::string(more_code) + "MicroPython " + std::string(version) +
                           "; ESP module with ESP8266" + std::string(300, '\x21');
  const Bytes code = Padded4(irom);
  AppendLe32(image, static_cast<std::uint32_t>(0x9000 + code.size()));
  Append(image, code);
  const Md5Digest md5 = Md5(ByteSpan(image).subspan(4));
  Append(image, md5.octets);
  return image;
}

inline std::uint32_t Crc32OfSection13(ByteSpan data) {
  std::uint32_t crc = 0xFFFFFFFF;
  for (const std::uint8_t octet : data)
    for (unsigned bit = 0; bit < 8; ++bit) {
      const bool one = ((crc ^ static_cast<std::uint32_t>(octet >> bit)) & 1) != 0;
      crc = (crc >> 1) ^ (one ? 0xEDB88320U : 0);
    }
  crc = ~crc;
  return (crc >> 31) != 0 ? ~crc : crc + 1;
}

// A second-stage loader at 0, the application at 0x1000 (13.2), init data at 0xFC000 (13.7).
inline Bytes AtImage(std::uint8_t size_and_frequency = 0x20) {
  Bytes image = V1Image({{0x40100000, Padded4("2nd boot version : 1.5")}}, size_and_frequency);
  image.resize(0x1000, 0xFF);
  Bytes second = {0xEA, 0x04, 0x00, 0x01};
  for (const std::uint32_t word : {0x40100004U, 0U, 0x100U}) AppendLe32(second, word);
  Bytes irom = ToBytes("AT version:1.1.0.0(May 11 2016 18:09:56)");
  irom.resize(0x100, 0x00);
  Append(second, irom);
  Append(second, V1Image({{0x40100000, Bytes(32, 0x5A)}}, 0x20));
  AppendLe32(second, Crc32OfSection13(second));
  Append(image, second);
  image.resize(0xFC000, 0xFF);
  Append(image, Bytes{0x05, 0x00, 0x04, 0x02});
  image.resize(0xFD000, 0xFF);
  return image;
}

}  // namespace lastgood::sim
