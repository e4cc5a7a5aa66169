// SPDX-License-Identifier: MIT
// Images for tests, built from the format's description (protocol reference, 13.1 and 13.6).
#pragma once

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

}  // namespace lastgood::test
