// SPDX-License-Identifier: MIT
// Octets and the little-endian words that Espressif's formats are made of.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace lastgood {

using Bytes = std::vector<std::uint8_t>;
using ByteSpan = std::span<const std::uint8_t>;

// Precondition: offset + 4 <= data.size(). The caller has checked the length.
constexpr std::uint32_t LoadLe32(ByteSpan data, std::size_t offset) {
  return static_cast<std::uint32_t>(data[offset]) |
         static_cast<std::uint32_t>(data[offset + 1]) << 8 |
         static_cast<std::uint32_t>(data[offset + 2]) << 16 |
         static_cast<std::uint32_t>(data[offset + 3]) << 24;
}

// Precondition: offset + 2 <= data.size().
constexpr std::uint16_t LoadLe16(ByteSpan data, std::size_t offset) {
  return static_cast<std::uint16_t>(data[offset] | data[offset + 1] << 8);
}

inline void AppendLe16(Bytes& out, std::uint16_t value) {
  out.push_back(static_cast<std::uint8_t>(value));
  out.push_back(static_cast<std::uint8_t>(value >> 8));
}

inline void AppendLe32(Bytes& out, std::uint32_t value) {
  for (int shift = 0; shift < 32; shift += 8)
    out.push_back(static_cast<std::uint8_t>(value >> shift));
}

// Nothing but FF, as erased flash reads.
inline bool IsBlank(ByteSpan data) {
  return std::all_of(data.begin(), data.end(), [](std::uint8_t octet) { return octet == 0xFF; });
}

inline void Append(Bytes& out, ByteSpan data) { out.insert(out.end(), data.begin(), data.end()); }

inline Bytes ToBytes(std::string_view text) { return Bytes(text.begin(), text.end()); }

inline std::string_view AsText(ByteSpan data) {
  return {reinterpret_cast<const char*>(data.data()), data.size()};
}
inline ByteSpan AsBytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace lastgood
