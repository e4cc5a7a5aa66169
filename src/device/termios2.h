// SPDX-License-Identifier: MIT
// The kernel's termios2 calls, which take any baud rate. Apart from everything else because their
// header and <termios.h> define the same names.
#pragma once

#include <cstdint>
#include <optional>

namespace lastgood {

// 8N1, no flow control, no translation, modem lines ignored, and left alone when the device is
// closed. False with errno set.
bool SetRawMode(int descriptor, std::uint32_t baud);

// False with errno set; the rate that the device then has may still be another one.
bool SetRate(int descriptor, std::uint32_t baud);
// What the device was set to, as its driver rounds it; nullopt with errno set.
std::optional<std::uint32_t> GetRate(int descriptor);

}  // namespace lastgood
