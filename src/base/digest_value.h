// SPDX-License-Identifier: MIT
// Digests as values. Computing them is digest/'s.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lastgood {

std::string ToHex(const std::uint8_t* data, std::size_t size);

// A digest of N octets; printed as 2N lower-case hex digits.
template <std::size_t N>
struct DigestValue {
  std::array<std::uint8_t, N> octets{};

  std::string ToHex() const { return lastgood::ToHex(octets.data(), N); }
  auto operator<=>(const DigestValue&) const = default;
};

using Sha256Digest = DigestValue<32>;
using Md5Digest = DigestValue<16>;

// Exactly 64 hex digits of either case; anything else is nullopt.
std::optional<Sha256Digest> ParseSha256(std::string_view hex);

// "f727607f…": enough for a person to compare.
std::string Abbreviate(const Sha256Digest& digest);

}  // namespace lastgood
