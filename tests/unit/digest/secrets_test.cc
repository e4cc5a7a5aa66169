// SPDX-License-Identifier: MIT
#include "digest/secrets.h"

#include <gtest/gtest.h>

#include "base/digest_value.h"

namespace lastgood {
namespace {

// RFC 7914, section 12.
TEST(SecretsTest, ScryptKnownAnswers) {
  const auto first = Scrypt("", {}, {16, 1, 1}, 64);
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(ToHex(first->data(), first->size()),
            "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442"
            "fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906");
  const auto second = Scrypt("password", AsBytes("NaCl"), {1024, 8, 16}, 64);
  ASSERT_TRUE(second.has_value());
  EXPECT_EQ(ToHex(second->data(), second->size()),
            "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
            "2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640");
}

TEST(SecretsTest, CostsThatMakeNoSenseAreAnError) {
  EXPECT_FALSE(Scrypt("x", {}, {1000, 8, 1}, 32).has_value());  // no power of two
  EXPECT_FALSE(Scrypt("x", {}, {0, 8, 1}, 32).has_value());
}

TEST(SecretsTest, WipedIsGone) {
  Bytes octets{1, 2, 3};
  Wipe(octets);
  EXPECT_EQ(octets, Bytes(3, 0));
  std::string password = "secret";
  Wipe(password);
  EXPECT_EQ(password, "");
}

TEST(SecretsTest, RandomOctetsDiffer) {
  Bytes first(32), second(32);
  ASSERT_TRUE(FillRandom(first).has_value());
  ASSERT_TRUE(FillRandom(second).has_value());
  EXPECT_NE(first, second);
}

}  // namespace
}  // namespace lastgood
