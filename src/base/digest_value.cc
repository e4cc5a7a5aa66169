// SPDX-License-Identifier: MIT
#include "base/digest_value.h"

namespace lastgood {
namespace {

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

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
    const int high = HexDigit(hex[2 * i]);
    const int low = HexDigit(hex[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    digest.octets[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  return digest;
}

std::string Abbreviate(const Sha256Digest& digest) { return digest.ToHex().substr(0, 8) + "…"; }

}  // namespace lastgood
