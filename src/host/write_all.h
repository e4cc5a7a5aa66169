// SPDX-License-Identifier: MIT
#pragma once

#include "base/bytes.h"
#include "host/descriptor.h"

namespace lastgood {

// All of `content`, in as many calls as it takes. 0, or errno.
int WriteAll(const Descriptor& file, ByteSpan content);

}  // namespace lastgood
