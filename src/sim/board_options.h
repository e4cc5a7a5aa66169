// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

namespace lastgood::sim {

// The JEDEC id of a Winbond chip of this size: 0x1640EF for 4 MB.
std::uint32_t FlashIdFor(std::uint32_t flash_size_bytes);

}  // namespace lastgood::sim
