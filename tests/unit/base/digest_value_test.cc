// SPDX-License-Identifier: MIT
#include "base/digest_value.h"

#include <gtest/gtest.h>

#include <string>

namespace lastgood {
namespace {

constexpr std::string_view kHex =
    "00010203a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4eff";

TEST(DigestValue, ParsesWhatItPrints) {
  const auto digest = ParseSha256(kHex);
  ASSERT_TRUE(digest);
  EXPECT_EQ(digest->octets[0], 0x00);
  EXPECT_EQ(digest->octets[4], 0xA4);
  EXPECT_EQ(digest->octets[31], 0xFF);
  EXPECT_EQ(digest->ToHex(), kHex);
}

TEST(DigestValue, UpperCaseIsTheSameDigest) {
  std::string upper(kHex);
  for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  EXPECT_EQ(ParseSha256(upper), ParseSha256(kHex));
  EXPECT_EQ(ParseSha256(upper)->ToHex(), kHex);
}

TEST(DigestValue, OnlySixtyFourHexDigitsAreADigest) {
  const std::string good(kHex);
  for (const std::string& bad :
       {std::string(), good.substr(1), good + "0", good.substr(0, 62), " " + good.substr(1),
        good.substr(0, 63) + "g", good.substr(0, 63) + " ", good.substr(0, 63) + '\0',
        "0x" + good.substr(2), "sha256:" + good, good.substr(0, 32) + "\n" + good.substr(33)}) {
    EXPECT_EQ(ParseSha256(bad), std::nullopt) << bad;
  }
}

TEST(DigestValue, OneDifferentBitIsAnotherDigest) {
  auto one = *ParseSha256(kHex);
  const auto other = one;
  EXPECT_EQ(one, other);
  one.octets[17] ^= 1;
  EXPECT_NE(one, other);
}

TEST(DigestValue, AbbreviationIsItsBeginning) {
  EXPECT_EQ(Abbreviate(*ParseSha256(kHex)), "00010203…");
}

TEST(DigestValue, NothingIsAnEmptyHexText) { EXPECT_EQ(ToHex(nullptr, 0), ""); }

TEST(DigestValue, Md5HasThirtyTwoDigits) { EXPECT_EQ(Md5Digest{}.ToHex(), std::string(32, '0')); }

}  // namespace
}  // namespace lastgood
