// SPDX-License-Identifier: MIT
#include "trust/secret_key.h"

#include <gtest/gtest.h>

#include "base/base64.h"
#include "base/bytes.h"
#include "unit/trust/test_keys.h"

namespace lastgood {
namespace {

// Written by `minisign -G -W` 0.11, with its public key.
constexpr std::string_view kOfMinisign =
    "untrusted comment: minisign encrypted secret key\n"
    "RWQAAEIyAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAATh3IlFfIiF30QamvBzDGUY"
    "Xs"
    "RPDrqdU0KFTn6FBxzJOVztWuH+Ngj6YRiTw9cxG9/"
    "K0NzSL4gGoMT+w9UVf5aHTAVhtVm69hAAAAAAAAAAAAAAAAAAAAAAAAAA"
    "AAAAAAAAAAAAAAAAA=\n";
constexpr std::string_view kItsPublicKey =
    "RWROHciUV8iIXaYRiTw9cxG9/K0NzSL4gGoMT+w9UVf5aHTAVhtVm69h";

TEST(SecretKeyTest, OpensWhatMinisignWrote) {
  EXPECT_FALSE(*NeedsPassword(kOfMinisign, "k"));
  const auto key = OpenSecretKey(kOfMinisign, "k", "");
  ASSERT_TRUE(key.has_value()) << key.error().message;
  EXPECT_EQ(EncodePublicKey(key->Public()), kItsPublicKey);
}

TEST(SecretKeyTest, WithoutPasswordComesBackAsItWas) {
  const SecretKey key = test::KeyOf(3);
  const auto text = FormatSecretKey(key, "");
  ASSERT_TRUE(text.has_value());
  EXPECT_FALSE(*NeedsPassword(*text, "k"));
  const auto again = OpenSecretKey(*text, "k", "");
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->Public(), key.Public());
}

TEST(SecretKeyTest, WithPasswordOnlyThePasswordOpensIt) {
  const SecretKey key = test::KeyOf(3);
  const auto text = FormatSecretKey(key, "correct horse");
  ASSERT_TRUE(text.has_value());
  EXPECT_TRUE(*NeedsPassword(*text, "k"));
  const auto again = OpenSecretKey(*text, "k", "correct horse");
  ASSERT_TRUE(again.has_value()) << again.error().message;
  EXPECT_EQ(again->Public(), key.Public());
  const auto wrong = OpenSecretKey(*text, "k", "correct mule");
  ASSERT_FALSE(wrong.has_value());
  EXPECT_EQ(wrong.error().message, "cannot open the secret key 'k': the password is wrong");
  EXPECT_EQ(wrong.error().code, ExitCode::kNotTrusted);
}

TEST(SecretKeyTest, ADamagedOneIsRefused) {
  for (std::size_t size = 0; size + 1 < kOfMinisign.size(); ++size)
    EXPECT_FALSE(OpenSecretKey(kOfMinisign.substr(0, size), "k", "").has_value()) << size;
  std::string damaged(kOfMinisign);
  damaged[damaged.find("RPDrqdU0")] = 'S';
  const auto key = OpenSecretKey(damaged, "k", "");
  ASSERT_FALSE(key.has_value());
  EXPECT_EQ(key.error().message, "cannot open the secret key 'k': it is damaged");
  EXPECT_EQ(NeedsPassword(kItsPublicKey, "k").error().message,
            "'k' is no secret key of minisign's");
}

// Whoever made the file must not make us take all memory, or all day.
TEST(SecretKeyTest, CostsOutOfRangeAreRefused) {
  for (const std::uint64_t cost : {std::uint64_t{1} << 40, ~std::uint64_t{0}}) {
    Bytes data = ToBytes("EdScB2");
    data.resize(6 + 32);
    for (int limit = 0; limit < 2; ++limit)
      for (int shift = 0; shift < 64; shift += 8)
        data.push_back(static_cast<std::uint8_t>(cost >> shift));
    data.resize(data.size() + 104);
    const auto key = OpenSecretKey("untrusted comment: x\n" + ToBase64(data) + "\n", "k", "x");
    ASSERT_FALSE(key.has_value());
    EXPECT_EQ(key.error().message, "the secret key's password costs are out of range");
  }
}

TEST(SecretKeyTest, NewKeysDiffer) {
  const auto first = MakeSecretKey();
  const auto second = MakeSecretKey();
  ASSERT_TRUE(first.has_value() && second.has_value());
  EXPECT_NE(first->id, second->id);
  EXPECT_NE(first->seed, second->seed);
}

}  // namespace
}  // namespace lastgood
