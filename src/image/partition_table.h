// SPDX-License-Identifier: MIT
// The partition table of the ESP32 family (vendor's documentation, "Partition Tables"): rows of 32
// octets that begin AA 50, then perhaps a row EB EB FF… with the MD5 of the rows before it, then
// FF.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace lastgood {

inline constexpr std::uint32_t kPartitionTableOffset = 0x8000;  // unless a build moved it
inline constexpr std::uint32_t kPartitionTableSize = 0xC00;

struct Partition {
  std::string label;  // printable ASCII, at most 16 characters
  std::uint8_t type = 0;
  std::uint8_t subtype = 0;
  std::uint32_t offset = 0;
  std::uint32_t size_bytes = 0;

  bool is_app() const { return type == 0; }
  std::uint64_t end() const { return std::uint64_t{offset} + size_bytes; }
};

// Whether a table begins here: its first row looks like one.
bool IsPartitionTable(ByteSpan bytes);

// kNotTrusted, naming the row: cut off, not a row, no size, overlapping the one before it, MD5 row
// that does not match. Precondition: IsPartitionTable(bytes).
Result<std::vector<Partition>> ParsePartitionTable(ByteSpan bytes);

}  // namespace lastgood
