// SPDX-License-Identifier: MIT
#include "manifest/text_rules.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace lastgood {
namespace {

TEST(TextRulesTest, NamesThatFilesAndMessagesCanCarryAreAccepted) {
  for (const std::string& name :
       std::vector<std::string>{"a", "7", "espiot-phat", "1.9.3-8-g63826ac5c", "a_b.c+d",
                                "2.0.0+build", std::string(64, 'x')})
    EXPECT_EQ(WhyNotName(name), std::nullopt) << name;
}

TEST(TextRulesTest, OtherNamesAreRefusedWithTheReason) {
  const std::pair<std::string, std::string> cases[] = {
      {"", "must start with a letter or a digit"},
      {"-x", "must start with a letter or a digit"},
      {".hidden", "must start with a letter or a digit"},
      {"a b", "must be made of letters, digits and . _ + -, and ' ' is none"},
      {"../x", "must be made of letters, digits and . _ + -, and '/' is none"},
      {"größe", "must be made of letters, digits and . _ + -, and 'ö' is none"},
      {"a\x1B", "must be made of letters, digits and . _ + -, and '?' is none"},
      {std::string("a\0b", 3), "must be made of letters, digits and . _ + -, and '?' is none"},
      {std::string(65, 'x'), "must have at most 64 characters, not 65"},
  };
  for (const auto& [name, reason] : cases) EXPECT_EQ(WhyNotName(name), reason) << name;
}

TEST(TextRulesTest, DigestMustBeTheRightOne) {
  const std::string digest = "f727607fff05ff902efd363a3243e787215e337f0cbdbd4c6031166d2cf3a230";
  EXPECT_EQ(WhyNotSha256(digest), std::nullopt);
  const std::pair<std::string, std::string> cases[] = {
      {"", "must be 64 hex digits, not 0"},
      {digest.substr(1), "must be 64 hex digits, not 63"},
      {digest + "0", "must be 64 hex digits, not 65"},
      {std::string(32, 'a'), "must be 64 hex digits, not 32 (this may be an MD5)"},
      {std::string(40, 'a'), "must be 64 hex digits, not 40 (this may be a SHA-1)"},
      {std::string(128, 'a'), "must be 64 hex digits, not 128 (this may be a SHA-512)"},
      {digest.substr(1) + "g", "must be 64 hex digits, and 'g' is none"},
      {digest.substr(1) + " ", "must be 64 hex digits, and ' ' is none"},
      {"…" + digest, "must be 64 hex digits, and '…' is none"},
  };
  for (const auto& [text, reason] : cases) EXPECT_EQ(WhyNotSha256(text), reason) << text;
}

TEST(TextRulesTest, AddressesOfFilesAreAccepted) {
  for (const std::string url :
       {"http://a", "https://a.example/x.bin", "http://127.0.0.1:8000/x?y=1#z", "http://[::1]:80/x",
        "file:///srv/x.bin", "https://a.example/p@q", "http://a/%20", "http://a/x?mail=b@c"})
    EXPECT_EQ(WhyNotUrl(url), std::nullopt) << url;
  EXPECT_EQ(WhyNotUrl("http://a/" + std::string(2048 - 9, 'x')), std::nullopt);
}

TEST(TextRulesTest, OtherAddressesAreRefusedWithTheReason) {
  const std::string scheme = "must start with http://, https:// or file://";
  const std::string secret = "must not contain a user name or password";
  const std::pair<std::string, std::string> cases[] = {
      {"", scheme},
      {"ftp://a/x", scheme},
      {"HTTP://a/x", scheme},
      {"a.example/x", scheme},
      {"/srv/x.bin", scheme},
      {"javascript:x", scheme},
      {"file:/srv/x", "must be file:// followed by an absolute path"},
      {"file://host/x", "must be file:// followed by an absolute path"},
      {"http://", "names no server"},
      {"http:///x", "names no server"},
      {"http://:80/x", "names no server"},
      {"http://u:p@a/x", secret},
      {"https://token@a/x", secret},
      {"http://u@a?x", secret},
      {"http://a/x y", "must not contain white space"},
      {" http://a/x", "must not contain white space"},
      {"http://a/x\n", "must not contain white space"},
      {"http://a\r\nHost: b", "must not contain white space"},
      {"http://a/\x7F", "must not contain white space"},
      {"http://a/é", "must have its 'é' percent-encoded"},
      {"http://a\\@b/", "must have its '\\' percent-encoded"},
      {"http://a/<x>", "must have its '<' percent-encoded"},
      {"http://a/\xFF", "must have its '?' percent-encoded"},
      {"http://a/" + std::string(2048, 'x'), "must have at most 2048 characters, not 2057"},
  };
  for (const auto& [url, reason] : cases) EXPECT_EQ(WhyNotUrl(url), reason) << url;
}

TEST(TextRulesTest, ConsoleTextMayHaveLinesAndNoOtherControls) {
  EXPECT_EQ(WhyNotConsoleText("if x:\n\tprint('é')", 100), std::nullopt);
  EXPECT_EQ(WhyNotConsoleText("", 0), std::nullopt);
  for (const char c : {'\0', '\x01', '\x03', '\x04', '\r', '\x1B', '\x7F'})
    EXPECT_EQ(WhyNotConsoleText(std::string("a") + c, 100), "must not contain control characters");
  EXPECT_EQ(WhyNotConsoleText("abc", 2), "must have at most 2 characters, not 3");
}

TEST(TextRulesTest, PackagesAreNamedAsDebianDoes) {
  for (const std::string name : {"jq", "g++", "libgpiod-dev", "0ad", "python3.11"})
    EXPECT_EQ(WhyNotPackage(name), std::nullopt) << name;
  for (const std::string name : {"", "a", "-y", "+x", ".x"})
    EXPECT_EQ(WhyNotPackage(name), "must hold names of packages, not '" + name + "'");
  EXPECT_EQ(WhyNotPackage("JQ"), "must hold names of packages, and 'J' never stands in one");
  EXPECT_EQ(WhyNotPackage("a;b"), "must hold names of packages, and ';' never stands in one");
  EXPECT_EQ(WhyNotPackage(std::string(129, 'a')), "must have at most 128 characters, not 129");
}

TEST(TextRulesTest, LineIsOneLine) {
  EXPECT_EQ(WhyNotLine("GPIO 17 é", 20), std::nullopt);
  EXPECT_EQ(WhyNotLine("a\nb", 20), "must not contain control characters");
  EXPECT_EQ(WhyNotLine("abc", 2), "must have at most 2 characters, not 3");
}

TEST(TextRulesTest, ListIsShortAndSaysNothingTwice) {
  EXPECT_EQ(WhyNotList({}, 2), std::nullopt);
  EXPECT_EQ(WhyNotList({"a", "b"}, 2), std::nullopt);
  EXPECT_EQ(WhyNotList({"a", "b", "c"}, 2), "must hold at most 2, not 3");
  EXPECT_EQ(WhyNotList({"a", "b", "a"}, 9), "holds 'a' twice");
}

}  // namespace
}  // namespace lastgood
