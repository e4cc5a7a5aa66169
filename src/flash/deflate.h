// SPDX-License-Identifier: MIT
// Compression as the loaders inflate it: zlib's format.
#pragma once

#include <optional>

#include "base/bytes.h"

namespace lastgood {

// nullopt when that is not smaller, or there is no memory for it.
std::optional<Bytes> Deflate(ByteSpan data);

}  // namespace lastgood
