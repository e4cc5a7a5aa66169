// SPDX-License-Identifier: MIT
// What bytes that were meant to be firmware look like instead: the difference between "wrong magic"
// and a person knowing what went wrong (a login page, an unpacked archive, the wrong chip's file).
#pragma once

#include <optional>
#include <string>

#include "base/board_identity.h"
#include "base/bytes.h"

namespace lastgood {

// A noun phrase: "an HTML page", "a gzip file", "blank flash", …; "unknown data" when nothing fits.
// Looks at the first bytes only.
std::string DescribeContent(ByteSpan content);

// "ESP32-C3" when the header at the start is that of an ESP32-family image (protocol reference,
// 13.3: an extended header where an ESP8266 image has its first segment); empty otherwise.
std::string Esp32FamilyChip(ByteSpan content);

// The chip that an image says it is for: the ESP8266 when it says nothing. nullopt: a member of the
// family that lastgood does not know.
std::optional<Chip> ChipOfImage(ByteSpan content);

}  // namespace lastgood
