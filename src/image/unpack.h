// SPDX-License-Identifier: MIT
// Compressed octets to plain ones, within a limit.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"

namespace lastgood {

// Whether `bytes` begin as gzip, bzip2, xz or zstd do.
bool IsCompressed(ByteSpan bytes);

// kNotTrusted: damaged, cut off, followed by other data, or more than `size_max` octets.
// Precondition: IsCompressed(bytes).
Result<Bytes> Unpack(ByteSpan bytes, std::uint64_t size_max);

}  // namespace lastgood
