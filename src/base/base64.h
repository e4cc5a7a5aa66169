// SPDX-License-Identifier: MIT
// Base64 as RFC 4648, section 4, with padding.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace lastgood {

std::string ToBase64(ByteSpan data);

// nullopt unless `text` is exactly what ToBase64 makes of some octets: no white space, no missing
// padding, no set bits beyond the last octet. So a signature has one spelling only.
std::optional<Bytes> FromBase64(std::string_view text);

}  // namespace lastgood
