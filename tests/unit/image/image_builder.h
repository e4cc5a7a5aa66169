// SPDX-License-Identifier: MIT
// Images for tests, built from the format's description (protocol reference, 13.1 and 13.6).
#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "digest/digest.h"

namespace lastgood::test {

struct BuilderSegment {
  std::uint32_t load_address;
  Bytes data;
};

struct ImageBuilder {
  std::uint8_t mode = 0;
  std::uint8_t size_and_frequency = 0x20;
  std::uint32_t entry = 0x40100004;
  std::vector<BuilderSegment> segments = {{0x40100000, Bytes(64, 0x11)},
                                          {0x3FFE8000, {1, 2, 3, 4, 5, 6, 7, 8}}};

  Bytes Build() const {
    Bytes out = {0xE9, static_cast<std::uint8_t>(segments.size()), mode, size_and_frequency};
    AppendLe32(out, entry);
    std::uint8_t sum = 0xEF;
    for (const BuilderSegment& segment : segments) {
      AppendLe32(out, segment.load_address);
      AppendLe32(out, static_cast<std::uint32_t>(segment.data.size()));
      Append(out, segment.data);
      for (const std::uint8_t octet : segment.data) sum ^= octet;
    }
    while (out.size() % 16 != 15) out.push_back(0);
    out.push_back(sum);
    return out;
  }

  // With irom text behind it and MicroPython's size word and MD5.
  Bytes BuildMicropython(std::string_view text) const {
    Bytes out = Build();
    out.resize(0x8FFC, 0xFF);
    Bytes irom(0x300, 0x5A);
    std::copy(text.begin(), text.end(), irom.begin() + 0x40);
    const std::size_t total = 0x9000 + irom.size();
    AppendLe32(out, static_cast<std::uint32_t>(total));
    Append(out, irom);
    const Md5Digest md5 = Md5(ByteSpan(out).subspan(4));
    Append(out, md5.octets);
    return out;
  }
};

// An image of the ESP32 family (protocol reference, 13.3); by default a small one for the ESP32.
struct FamilyImageBuilder {
  std::uint16_t chip_id = 0;
  std::uint8_t mode = 2;
  std::uint8_t size_and_frequency = 0x20;
  std::uint32_t entry = 0x40080400;
  std::uint16_t revision_min = 0;
  std::uint16_t revision_max = 0;
  std::uint8_t digest_flag = 1;
  std::vector<BuilderSegment> segments = {{0x3FFF0030, Bytes(64, 0x11)},
                                          {0x40080400, {1, 2, 3, 4, 5, 6, 7, 8}}};

  Bytes Build() const {
    Bytes out = {0xE9, static_cast<std::uint8_t>(segments.size()), mode, size_and_frequency};
    AppendLe32(out, entry);
    Append(out, Bytes{0xEE, 0, 0, 0});
    AppendLe16(out, chip_id);
    out.push_back(0);
    AppendLe16(out, revision_min);
    AppendLe16(out, revision_max);
    Append(out, Bytes{0, 0, 0, 0, digest_flag});
    std::uint8_t sum = 0xEF;
    for (const BuilderSegment& segment : segments) {
      AppendLe32(out, segment.load_address);
      AppendLe32(out, static_cast<std::uint32_t>(segment.data.size()));
      Append(out, segment.data);
      for (const std::uint8_t octet : segment.data) sum ^= octet;
    }
    while (out.size() % 16 != 15) out.push_back(0);
    out.push_back(sum);
    if (digest_flag != 1) return out;
    const Sha256Digest digest = Sha256(out);
    Append(out, digest.octets);
    return out;
  }
};

// The start of an app's first segment, as the vendor's framework writes it.
inline Bytes Descriptor(std::string_view project, std::string_view version) {
  Bytes out;
  AppendLe32(out, 0xABCD5432);
  out.resize(256, 0);
  std::copy(version.begin(), version.end(), out.begin() + 16);
  std::copy(project.begin(), project.end(), out.begin() + 48);
  constexpr std::string_view kFramework = "v5.2.2";
  std::copy(kFramework.begin(), kFramework.end(), out.begin() + 112);
  return out;
}

inline Bytes App(std::size_t size = 0x400) {
  FamilyImageBuilder builder;
  Bytes rodata = Descriptor("blinky", "2.3.4");
  rodata.resize(size, 0x5A);
  builder.segments = {{0x3F400020, rodata}, {0x40080400, Bytes(64, 7)}, {0, Bytes(32, 0)}};
  return builder.Build();
}

struct PartitionRow {
  std::uint8_t type;
  std::uint8_t subtype;
  std::uint32_t offset;
  std::uint32_t size_bytes;
  std::string_view label;
};

inline Bytes PartitionTable(const std::vector<PartitionRow>& rows, bool with_md5 = true) {
  Bytes out;
  for (const PartitionRow& row : rows) {
    Append(out, Bytes{0xAA, 0x50, row.type, row.subtype});
    AppendLe32(out, row.offset);
    AppendLe32(out, row.size_bytes);
    Bytes label(row.label.begin(), row.label.end());
    label.resize(20, 0);
    Append(out, label);
  }
  if (with_md5) {
    const Md5Digest md5 = Md5(out);
    Append(out, Bytes{0xEB, 0xEB});
    out.resize(out.size() + 14, 0xFF);
    Append(out, md5.octets);
  }
  out.resize(0xC00, 0xFF);
  return out;
}

inline std::vector<PartitionRow> UsualRows(std::uint32_t app_size = 0x1F0000) {
  return {{1, 2, 0x9000, 0x6000, "nvs"},
          {0, 0, 0x10000, app_size, "factory"},
          {1, 0x81, 0x200000, 0x200000, "vfs"}};
}

// Boot loader, table and app in one file for 0x1000, as MicroPython ships them.
inline Bytes MergedImage(const Bytes& table, const Bytes& app) {
  Bytes out = FamilyImageBuilder{}.Build();
  out.resize(0x7000, 0xFF);
  Append(out, table);
  out.resize(0xF000, 0xFF);
  Append(out, app);
  return out;
}

}  // namespace lastgood::test
