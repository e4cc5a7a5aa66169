// SPDX-License-Identifier: MIT
// Making secrets, stretching passwords, forgetting both.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace lastgood {

// Fills `out` from the system's generator. kInternal when it fails.
Result<void> FillRandom(std::span<std::uint8_t> out);

// Overwrites what the compiler could otherwise leave in memory.
void Wipe(std::span<std::uint8_t> secret);
void Wipe(std::string& secret);

// RFC 7914. Needs 128 * n * r octets of memory: kInternal when there is not so much.
struct ScryptCost {
  std::uint64_t n = 0;  // a power of two
  std::uint32_t r = 8;
  std::uint32_t p = 1;

  std::uint64_t MemoryBytes() const { return 128 * n * r; }
};
Result<Bytes> Scrypt(std::string_view password, ByteSpan salt, const ScryptCost& cost,
                     std::size_t size);

}  // namespace lastgood
