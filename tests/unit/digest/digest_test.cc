// SPDX-License-Identifier: MIT
#include "digest/digest.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "support/temporary_directory.h"

namespace lastgood {
namespace {

struct Vector {
  std::string text;
  const char* digest;
};

// FIPS 180-4's examples and the empty text.
std::vector<Vector> Sha256Vectors() {
  return {
      {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
      {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
      {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
       "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
      {std::string(1'000'000, 'a'),
       "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
  };
}

// RFC 1321, appendix A.5.
std::vector<Vector> Md5Vectors() {
  return {
      {"", "d41d8cd98f00b204e9800998ecf8427e"},
      {"a", "0cc175b9c0f1b6a831c399e269772661"},
      {"abc", "900150983cd24fb0d6963f7d28e17f72"},
      {"message digest", "f96b697d7cb7938d525a2f31aaf161d0"},
      {"abcdefghijklmnopqrstuvwxyz", "c3fcd3d76192e4007dfb496cca67e13b"},
      {"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
       "d174ab98d277d9f5a5611c2c9f419d9f"},
      {"12345678901234567890123456789012345678901234567890123456789012345678901234567890",
       "57edf4a22be3c955ac49da2e2107b67a"},
  };
}

TEST(Digest, Sha256OfThePublishedVectors) {
  for (const Vector& vector : Sha256Vectors())
    EXPECT_EQ(Sha256(AsBytes(vector.text)).ToHex(), vector.digest) << vector.text.size();
}

TEST(Digest, Md5OfThePublishedVectors) {
  for (const Vector& vector : Md5Vectors())
    EXPECT_EQ(Md5(AsBytes(vector.text)).ToHex(), vector.digest) << vector.text;
}

TEST(Digest, PiecesGiveTheSameDigestAsTheWhole) {
  const std::string text = Sha256Vectors()[2].text;
  for (std::size_t piece = 1; piece <= text.size(); ++piece) {
    Sha256Hasher hasher;
    for (std::size_t at = 0; at < text.size(); at += piece)
      hasher.Update(AsBytes(std::string_view(text).substr(at, piece)));
    EXPECT_EQ(hasher.Finish().ToHex(), Sha256Vectors()[2].digest) << piece;
  }
}

TEST(Digest, MovedHasherGoesOnWhereItWas) {
  Sha256Hasher first;
  first.Update(AsBytes("ab"));
  Sha256Hasher second = std::move(first);
  second.Update(AsBytes("c"));
  EXPECT_EQ(second.Finish().ToHex(), Sha256Vectors()[1].digest);
}

TEST(Digest, FileIsReadToItsEnd) {
  const test::TemporaryDirectory directory;
  const auto path = directory / "image";
  for (const Vector& vector : Sha256Vectors()) {
    test::WriteText(path, vector.text);
    EXPECT_EQ(Sha256OfFile(path)->ToHex(), vector.digest) << vector.text.size();
  }
}

TEST(Digest, FileAroundTheBufferSizeIsReadToItsEnd) {
  const test::TemporaryDirectory directory;
  const auto path = directory / "image";
  for (const std::size_t size : {65535U, 65536U, 65537U, 131072U}) {
    const std::string text(size, '\xE9');
    test::WriteText(path, text);
    EXPECT_EQ(*Sha256OfFile(path), Sha256(AsBytes(text))) << size;
  }
}

TEST(Digest, MissingFileIsNamed) {
  const test::TemporaryDirectory directory;
  const auto path = directory / "missing";
  const auto digest = Sha256OfFile(path);
  ASSERT_FALSE(digest);
  EXPECT_EQ(digest.error().code, ExitCode::kInternal);
  EXPECT_EQ(digest.error().message,
            "cannot read '" + path.string() + "': no such file or directory");
}

TEST(Digest, DirectoryIsNoFile) {
  const test::TemporaryDirectory directory;
  const auto digest = Sha256OfFile(directory.path());
  ASSERT_FALSE(digest);
  EXPECT_EQ(digest.error().message,
            "cannot read '" + directory.path().string() + "': is a directory");
}

}  // namespace
}  // namespace lastgood
