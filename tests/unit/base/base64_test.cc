// SPDX-License-Identifier: MIT
#include "base/base64.h"

#include <gtest/gtest.h>

namespace lastgood {
namespace {

struct Row {
  std::string_view plain;
  std::string_view encoded;
};

// RFC 4648, section 10.
constexpr Row kRows[] = {
    {"", ""},
    {"f", "Zg=="},
    {"fo", "Zm8="},
    {"foo", "Zm9v"},
    {"foob", "Zm9vYg=="},
    {"fooba", "Zm9vYmE="},
    {"foobar", "Zm9vYmFy"},
};

TEST(Base64Test, KnownAnswersBothWays) {
  for (const Row& row : kRows) {
    EXPECT_EQ(ToBase64(AsBytes(row.plain)), row.encoded);
    const auto decoded = FromBase64(row.encoded);
    ASSERT_TRUE(decoded.has_value()) << row.encoded;
    EXPECT_EQ(AsText(*decoded), row.plain);
  }
}

TEST(Base64Test, EveryOctetSurvives) {
  Bytes all;
  for (int octet = 0; octet < 256; ++octet) all.push_back(static_cast<std::uint8_t>(octet));
  EXPECT_EQ(FromBase64(ToBase64(all)), all);
}

TEST(Base64Test, AnotherSpellingIsRefused) {
  for (const std::string_view text :
       {"Zg", "Zg=", "Zg===", "Z", "=", "====", "Zh==", "Zm9=", "Zm8=Zm8=", "Zm 9v", "Zm9v\n",
        "Zm9-", "Zm9_", "Zm9v=", "Zg==Zg=="})
    EXPECT_FALSE(FromBase64(text).has_value()) << text;
}

}  // namespace
}  // namespace lastgood
