// SPDX-License-Identifier: MIT
#include "base/base64.h"

#include <cstdint>

namespace lastgood {
namespace {

constexpr std::string_view kDigits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

std::string ToBase64(ByteSpan data) {
  std::string text;
  for (std::size_t at = 0; at < data.size(); at += 3) {
    const std::size_t count = std::min<std::size_t>(3, data.size() - at);
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i) group = group << 8 | (i < count ? data[at + i] : 0U);
    for (std::size_t i = 0; i < 4; ++i)
      text += i <= count ? kDigits[group >> (18 - 6 * i) & 0x3F] : '=';
  }
  return text;
}

std::optional<Bytes> FromBase64(std::string_view text) {
  const std::size_t digits = text.find_last_not_of('=') + 1;
  Bytes data;
  std::uint32_t pending = 0;
  int pending_bits = 0;
  for (const char digit : text.substr(0, digits)) {
    const std::size_t value = kDigits.find(digit);
    if (value == std::string_view::npos) return std::nullopt;
    pending = (pending << 6 | static_cast<std::uint32_t>(value)) & 0x3FFF;
    pending_bits += 6;
    if (pending_bits < 8) continue;
    pending_bits -= 8;
    data.push_back(static_cast<std::uint8_t>(pending >> pending_bits));
  }
  if (ToBase64(data) != text) return std::nullopt;
  return data;
}

}  // namespace lastgood
