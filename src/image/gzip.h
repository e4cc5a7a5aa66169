// SPDX-License-Identifier: MIT
// Bytes as the content of a .gz, which any tool can unpack again; ExtractMember() does.
#pragma once

#include "base/bytes.h"
#include "base/result.h"

namespace lastgood {

// The same bytes always give the same file: no name, no time. kInternal when there is no memory.
Result<Bytes> Gzip(ByteSpan content);

}  // namespace lastgood
