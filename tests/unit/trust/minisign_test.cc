// SPDX-License-Identifier: MIT
#include "trust/minisign.h"

#include <gtest/gtest.h>

#include "unit/trust/test_keys.h"

namespace lastgood {
namespace {

// Written by minisign 0.11; the file's text is "hi\n".
constexpr std::string_view kPublicKey =
    "untrusted comment: minisign public key 5D88C85794C81D4E\n"
    "RWROHciUV8iIXaYRiTw9cxG9/K0NzSL4gGoMT+w9UVf5aHTAVhtVm69h\n";
constexpr std::string_view kSignature =
    "untrusted comment: signature from minisign secret key\n"
    "RUROHciUV8iIXV3GGH8JQjnkJoehGsU2eV1Pkl6Bz8SiZCVyQJshW9eOvsAyq6mv5RVpT13kGQrFmdbRGieSn7MkbVcfSj"
    "9Q3QE=\n"
    "trusted comment: timestamp:1795768494\tfile:f\thashed\n"
    "hko9oc5S1/SN/dZ6ceQduV26VosSzWXlVnHHxfBDbhlisRPeTPZpBcWSN79ncOdRwFbesgehVxH3pYnJphavAA==\n";
constexpr std::string_view kLegacySignature =
    "untrusted comment: signature from minisign secret key\n"
    "RWROHciUV8iIXSbIMFQDPlx+dVa8e9sLMZTlC1Rr23RQKJrL31JZO3yASWLWfKCpaqM+ncC/6USRfVbM5mu7AD+Z8T0U/y"
    "H1cwI=\n"
    "trusted comment: timestamp:1795768494\tfile:f\n"
    "k+xokYDoJlnt0tqOIWumuHD5gItOagsYc5J7zmlTVkDhkYTQzD1cY8W+fy/wIHZO0i7NTd9MtBRL2jWY5UQ9Bg==\n";

std::string Replaced(std::string_view text, std::string_view from, std::string_view to) {
  std::string changed(text);
  for (std::size_t at = changed.find(from); at != std::string::npos;
       at = changed.find(from, at + to.size()))
    changed.replace(at, from.size(), to);
  return changed;
}

TEST(MinisignTest, ReadsWhatMinisignWrote) {
  const auto key = ParsePublicKey(kPublicKey, "a.pub");
  ASSERT_TRUE(key.has_value()) << key.error().message;
  EXPECT_EQ(key->id.ToString(), "5D88C85794C81D4E");
  const auto signature = ParseSignature(kSignature, "f.minisig");
  ASSERT_TRUE(signature.has_value()) << signature.error().message;
  EXPECT_EQ(signature->trusted_comment, "timestamp:1795768494\tfile:f\thashed");
  EXPECT_TRUE(Verify(*key, "hi\n", *signature));
}

struct Row {
  const char* what;
  std::string signature;
  std::string text;
  bool good;
};

TEST(MinisignTest, WhatIsVerified) {
  const auto key = ParsePublicKey(kPublicKey, "a.pub");
  ASSERT_TRUE(key.has_value());
  const std::string good(kSignature);
  const Row rows[] = {
      {"as it is", good, "hi\n", true},
      {"CR LF in the signature", Replaced(good, "\n", "\r\n"), "hi\n", true},
      {"no end of the last line", good.substr(0, good.size() - 1), "hi\n", true},
      {"untrusted comment altered", Replaced(good, "signature from", "greetings from"), "hi\n",
       true},
      {"text altered", good, "ho\n", false},
      {"CR LF in the text", good, "hi\r\n", false},
      {"text cut off", good, "hi", false},
      {"no text", good, "", false},
      {"trusted comment altered", Replaced(good, "file:f", "file:g"), "hi\n", false},
      {"blank after the trusted comment", Replaced(good, "hashed\n", "hashed \n"), "hi\n", false},
      {"another key's id", Replaced(good, "RUROHciUV8iIX", "RUROHciUV8iIY"), "hi\n", false},
  };
  for (const Row& row : rows) {
    const auto signature = ParseSignature(row.signature, "f.minisig");
    EXPECT_EQ(signature && Verify(*key, row.text, *signature), row.good) << row.what;
  }
}

TEST(MinisignTest, AnotherKeyOfTheSameIdIsNotTheSigner) {
  auto key = ParsePublicKey(kPublicKey, "a.pub");
  ASSERT_TRUE(key.has_value());
  key->key = test::KeyOf(1).Public().key;
  EXPECT_FALSE(Verify(*key, "hi\n", *ParseSignature(kSignature, "f.minisig")));
}

TEST(MinisignTest, EveryTruncationIsRefused) {
  // Without the last line's end it is whole.
  for (std::size_t size = 0; size + 1 < kSignature.size(); ++size) {
    const auto signature = ParseSignature(kSignature.substr(0, size), "f.minisig");
    ASSERT_FALSE(signature.has_value()) << size;
    EXPECT_EQ(signature.error().code, ExitCode::kNotTrusted) << size;
  }
  for (std::size_t size = 0; size + 1 < kPublicKey.size(); ++size)
    EXPECT_FALSE(ParsePublicKey(kPublicKey.substr(0, size), "a.pub").has_value()) << size;
}

TEST(MinisignTest, EveryFlippedBitOutsideOfTheUntrustedCommentIsRefused) {
  const auto key = ParsePublicKey(kPublicKey, "a.pub");
  ASSERT_TRUE(key.has_value());
  const std::size_t first_line = kSignature.find('\n');
  for (std::size_t bit = 0; bit < kSignature.size() * 8; ++bit) {
    std::string text(kSignature);
    text[bit / 8] = static_cast<char>(text[bit / 8] ^ (1 << bit % 8));
    const auto signature = ParseSignature(text, "f.minisig");
    const bool good = signature && Verify(*key, "hi\n", *signature);
    const bool in_comment = bit / 8 >= 19 && bit / 8 < first_line && text.find('\n') == first_line;
    EXPECT_EQ(good, in_comment) << bit;
  }
}

TEST(MinisignTest, RefusalsSayWhatIsWrong) {
  const struct {
    std::string text;
    const char* message;
  } rows[] = {
      {std::string(kLegacySignature), "'s' is a signature in minisign's legacy form"},
      {"", "'s' is no minisign signature: its first line is no untrusted comment"},
      {"<!DOCTYPE html>", "'s' is no minisign signature: its first line is no untrusted comment"},
      {"untrusted comment: x\nhello\n",
       "'s' is no minisign signature: its second line is no signature"},
      {Replaced(kSignature, "RUROH", "QkROH"),
       "'s' is no minisign signature: its algorithm is unknown"},
      {Replaced(kSignature, "\ntrusted", "\nTrusted"),
       "'s' is no minisign signature: its third line is no trusted comment"},
      {Replaced(kSignature, "hko9", "hko"),
       "'s' is no minisign signature: its fourth line is no signature of the comment"},
      {std::string(kSignature) + "more\n",
       "'s' is no minisign signature: something follows its fourth line"},
  };
  for (const auto& row : rows) {
    const auto signature = ParseSignature(row.text, "s");
    ASSERT_FALSE(signature.has_value()) << row.message;
    EXPECT_EQ(signature.error().message, row.message);
    EXPECT_EQ(signature.error().code, ExitCode::kNotTrusted);
    EXPECT_NE(signature.error().hint, "");
  }
}

TEST(MinisignTest, KeysAndSignaturesComeBackAsTheyWere) {
  const SecretKey secret = test::KeyOf(7);
  const PublicKey key = secret.Public();
  EXPECT_EQ(*ParsePublicKey(FormatPublicKey(key), "k"), key);
  EXPECT_EQ(*ParsePublicKey(EncodePublicKey(key), "k"), key);
  EXPECT_TRUE(EncodePublicKey(key).starts_with("RW"));
  const Signature signature = Sign(secret, "text", "comment");
  const auto again = ParseSignature(FormatSignature(signature), "s");
  ASSERT_TRUE(again.has_value());
  EXPECT_TRUE(Verify(key, "text", *again));
  EXPECT_EQ(again->trusted_comment, "comment");
}

TEST(MinisignTest, KeyIdsAreSpelledAsMinisignDoes) {
  const auto id = ParseKeyId("5d88C85794C81D4E");
  ASSERT_TRUE(id.has_value());
  EXPECT_EQ(id->ToString(), "5D88C85794C81D4E");
  EXPECT_EQ(id->octets[0], 0x4E);
  for (const char* text : {"", "5D88C85794C81D4", "5D88C85794C81D4E0", "5D88C85794C81D4G"})
    EXPECT_FALSE(ParseKeyId(text).has_value()) << text;
}

}  // namespace
}  // namespace lastgood
