// SPDX-License-Identifier: MIT
#include "verify/artifact_verifier.h"

#include <gtest/gtest.h>

#include <string>
#include <type_traits>

#include "digest/digest.h"
#include "support/pattern.h"

namespace lastgood::test {
namespace {

// Nobody but the verifier makes one, not even from bytes that are right.
static_assert(!std::is_constructible_v<Verified<Bytes>, Bytes>);
static_assert(!std::is_default_constructible_v<Verified<Bytes>>);

TEST(ArtifactVerifier, RightBytesPassUnchanged) {
  const Bytes bytes = Pattern(5000);
  const auto verified = ArtifactVerifier::Verify(bytes, Sha256(bytes), bytes.size(), "a.bin");
  ASSERT_TRUE(verified);
  EXPECT_EQ(**verified, bytes);
}

TEST(ArtifactVerifier, EverySingleBitCounts) {
  const Bytes bytes = Pattern(32);
  const Sha256Digest digest = Sha256(bytes);
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    Bytes flipped = bytes;
    flipped[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    const auto verified = ArtifactVerifier::Verify(flipped, digest, bytes.size(), "a.bin");
    ASSERT_FALSE(verified) << bit;
    EXPECT_EQ(verified.error().code, ExitCode::kNotTrusted);
  }
}

TEST(ArtifactVerifier, WrongSizeIsNamedFirst) {
  const Bytes bytes = Pattern(10);
  const auto verified = ArtifactVerifier::Verify(bytes, Sha256(bytes), 11, "a.bin");
  ASSERT_FALSE(verified);
  EXPECT_EQ(verified.error().code, ExitCode::kNotTrusted);
  EXPECT_EQ(verified.error().message, "'a.bin' has 10 bytes, the manifest says 11");
}

TEST(ArtifactVerifier, WrongDigestNamesBoth) {
  const Bytes bytes = ToBytes("abc");
  const auto verified = ArtifactVerifier::Verify(bytes, Sha256({}), 3, "a.bin");
  ASSERT_FALSE(verified);
  EXPECT_EQ(verified.error().message,
            "'a.bin' has SHA-256 "
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad, the manifest says "
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(ArtifactVerifier, EmptyIsVerifiedLikeAnyOther) {
  EXPECT_TRUE(ArtifactVerifier::Verify({}, Sha256({}), 0, "empty"));
  EXPECT_FALSE(ArtifactVerifier::Verify({}, Sha256(Pattern(1)), 0, "empty"));
}

}  // namespace
}  // namespace lastgood::test
