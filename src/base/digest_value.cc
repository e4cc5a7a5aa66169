// SPDX-License-Identifier: MIT
#include "base/digest_value.h"

#include "base/hex_digit.h"

namespace lastgood {
std::string ToHex(const std::uint8_t* data, std::size_t size) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(size * 2);
  for (std::size_t i = 0; i < size; ++i) {
    text += kDigits[data[i] >> 4];
    text += kDigits[data[i] & 15];
  }
  return text;
}

std::optional<Sha256Digest> ParseSha256(std::string_view hex) {
  Sha256Digest digest;
  if (hex.size() != digest.octets.size() * 2) return std::nullopt;
  for (std::size_t i = 0; i < digest.octets.size(); ++i) {
    const auto high = HexDigit(hex[2 * i]);
    const auto low = HexDigit(hex[2 * i + 1]);
    if (!high || !low) return std::nullopt;
    digest.octets[i] = static_cast<std::uint8_t>(*high << 4 | *low);
  }
  return digest;
}

std::string Abbreviate(const Sha256Digest& digest) { return digest.ToHex().substr(0, 8) + "…"; }

}  // namespace lastgood
