// SPDX-License-Identifier: MIT
#include "digest/blake2b.h"

#include <gtest/gtest.h>

namespace lastgood {
namespace {

// RFC 7693, appendix A; the shorter one is `printf abc | b2sum -l 256`.
TEST(Blake2bTest, KnownAnswers) {
  EXPECT_EQ(Blake2b512(AsBytes("abc")).ToHex(),
            "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1"
            "7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923");
  EXPECT_EQ(Blake2b256(AsBytes("abc")).ToHex(),
            "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
  EXPECT_EQ(Blake2b256({}).ToHex(),
            "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8");
}

// Around the blocks of 128 octets, where an implementation's ends are.
TEST(Blake2bTest, AgreesWithOpenSslAtEverySizeOfText) {
  Bytes text;
  for (int size = 0; size <= 400; ++size) {
    const Blake2b512Digest expected = Blake2b512(text);
    const Bytes ours = Blake2b(text, 64);
    EXPECT_EQ(ToHex(ours.data(), ours.size()), expected.ToHex()) << size;
    text.push_back(static_cast<std::uint8_t>(size * 7));
  }
}

}  // namespace
}  // namespace lastgood
