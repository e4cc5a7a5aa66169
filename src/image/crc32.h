// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace lastgood {

// The common CRC-32 (gzip, zip, Ethernet).
std::uint32_t Crc32(ByteSpan bytes);

// The value behind an ESP8266 user image (protocol reference, 13.2): the CRC-32 of what is before
// it, as the second-stage loader keeps it.
std::uint32_t BootLoaderCrc(ByteSpan bytes);

}  // namespace lastgood
