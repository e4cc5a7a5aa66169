// SPDX-License-Identifier: MIT
// The head of a regular file in a tar archive (POSIX.1-1988, "ustar"). A bundle holds nothing else:
// links, devices, directories, sparse files and extended heads are refused before anything of them
// is read, so that no archive can make its reader take memory. GNU tar's heads are read as well.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace lastgood {

inline constexpr std::size_t kTarBlock = 512;        // heads and contents fill whole ones
inline constexpr std::size_t kTarNameSizeMax = 100;  // octets

struct TarMember {
  std::string name;
  std::uint64_t size_bytes = 0;

  bool operator==(const TarMember&) const = default;
};

// One block: mode 0644, no owner, no time. Precondition: the name has 1 to kTarNameSizeMax octets,
// the size is below 8 GiB.
Bytes FormatTarHead(const TarMember& member);

// nullopt: a block of zeros, as at an archive's end. kNotTrusted: anything else that is no head of
// a regular file. Precondition: block.size() == kTarBlock.
Result<std::optional<TarMember>> ParseTarHead(ByteSpan block);

// Octets between a content's end and the next block.
inline std::size_t TarPadding(std::uint64_t size_bytes) {
  return static_cast<std::size_t>((kTarBlock - size_bytes % kTarBlock) % kTarBlock);
}

}  // namespace lastgood
