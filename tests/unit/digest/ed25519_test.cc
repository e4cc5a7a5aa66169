// SPDX-License-Identifier: MIT
#include "digest/ed25519.h"

#include <gtest/gtest.h>

#include <string>

#include "base/digest_value.h"

namespace lastgood {
namespace {

template <std::size_t N>
std::array<std::uint8_t, N> Octets(std::string_view hex) {
  std::array<std::uint8_t, N> octets{};
  for (std::size_t i = 0; i < N; ++i)
    octets[i] =
        static_cast<std::uint8_t>(std::stoul(std::string(hex.substr(2 * i, 2)), nullptr, 16));
  return octets;
}

struct Vector {
  std::string_view seed;
  std::string_view key;
  Bytes message;
  std::string_view signature;
};

// RFC 8032, section 7.1, tests 1 to 3.
std::vector<Vector> Vectors() {
  return {
      {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
       "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
       {},
       "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf"
       "9"
       "b46bd25bf5f0595bbe24655141438e7a100b"},
      {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
       "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
       {0x72},
       "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f"
       "1"
       "1d8c387b2eaeb4302aeeb00d291612bb0c00"},
      {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
       "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
       {0xAF, 0x82},
       "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984"
       "d"
       "c6594a7c15e9716ed28dc027beceea1ec40a"},
  };
}

TEST(Ed25519Test, KnownAnswers) {
  for (const Vector& vector : Vectors()) {
    const auto seed = Octets<32>(vector.seed);
    const auto key = Octets<32>(vector.key);
    const auto signature = Octets<64>(vector.signature);
    EXPECT_EQ(Ed25519PublicKeyOf(seed), key);
    EXPECT_EQ(Ed25519Sign(seed, vector.message), signature);
    EXPECT_TRUE(Ed25519Verify(key, vector.message, signature));
  }
}

TEST(Ed25519Test, AnyFlippedBitIsRefused) {
  const Vector vector = Vectors()[1];
  const auto key = Octets<32>(vector.key);
  const auto good = Octets<64>(vector.signature);
  for (std::size_t bit = 0; bit < 512; ++bit) {
    auto signature = good;
    signature[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    EXPECT_FALSE(Ed25519Verify(key, vector.message, signature)) << bit;
  }
  for (std::size_t bit = 0; bit < 256; ++bit) {
    auto other = key;
    other[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    EXPECT_FALSE(Ed25519Verify(other, vector.message, good)) << bit;
  }
  EXPECT_FALSE(Ed25519Verify(key, Bytes{0x73}, good));
  EXPECT_FALSE(Ed25519Verify(key, {}, good));
}

}  // namespace
}  // namespace lastgood
