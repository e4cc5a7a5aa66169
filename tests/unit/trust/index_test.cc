// SPDX-License-Identifier: MIT
#include "trust/index.h"

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "digest/digest.h"
#include "support/temporary_directory.h"
#include "trust/seen_versions.h"

namespace lastgood {
namespace {

TEST(IndexTest, ComesBackAsItWas) {
  const Index index{"school",
                    7,
                    {{"phat", "phat.toml", 12, Sha256(AsBytes("a"))},
                     {"other", "https://h/o.toml", 13, Sha256(AsBytes("b"))}},
                    {{"wiring", "recipes/wiring.toml", 14, Sha256(AsBytes("c"))}}};
  const auto again = ParseIndex(FormatIndex(index), "i");
  ASSERT_TRUE(again.has_value()) << again.error().message;
  EXPECT_EQ(*again, index);
  ASSERT_NE(FindEntry(again->manifests, "other"), nullptr);
  EXPECT_EQ(FindEntry(again->manifests, "wiring"), nullptr);
}

TEST(IndexTest, MistakesAreRefused) {
  const std::string head = "schema = 1\nname = \"i\"\nversion = 1\n[[manifest]]\n";
  const std::string name = "name = \"m\"\n";
  const std::string url = "url = \"m.toml\"\n";
  const std::string size = "size = 1\n";
  const std::string sha256 = "sha256 = \"" + std::string(64, 'a') + "\"\n";
  ASSERT_TRUE(ParseIndex(head + name + url + size + sha256, "i").has_value());
  const struct {
    std::string text;
    const char* message;
  } rows[] = {
      {"schema = 1\nname = \"i\"\n", "missing 'version'"},
      {"schema = 1\nname = \"i\"\nversion = 0\n", "'version' must be between 1 and"},
      {"schema = 1\nname = \"i/j\"\nversion = 1\n", "'name'"},
      {head + name + url + size, "missing 'sha256'"},
      {head + name + url + sha256, "missing 'size'"},
      {head + name + url + "size = 1048577\n" + sha256, "'size' must be between"},
      {head + name + url + size + "sha256 = \"12\"\n", "'sha256'"},
      {head + name + "url = \"../m.toml\"\n" + size + sha256, "must not lead out of its directory"},
      {head + name + "url = \"a/../../m.toml\"\n" + size + sha256,
       "must not lead out of its directory"},
      {head + name + "url = \"/m.toml\"\n" + size + sha256, "must be a URL or a relative path"},
      {head + name + "url = \"ftp://h/m.toml\"\n" + size + sha256, "must start with http://"},
      {head + name + "url = \"m.toml?x\"\n" + size + sha256, "must be a URL or a relative path"},
      {head + name + url + size + sha256 + "[[manifest]]\n" + name + url + size + sha256,
       "there are two manifests named 'm'"},
  };
  for (const auto& row : rows) {
    const auto index = ParseIndex(row.text, "i");
    ASSERT_FALSE(index.has_value()) << row.text;
    EXPECT_EQ(index.error().code, ExitCode::kInvalidManifest);
    EXPECT_NE(index.error().message.find(row.message), std::string::npos) << row.message << "\n"
                                                                          << index.error().message;
  }
}

TEST(IndexTest, WhereAReferenceLeads) {
  const struct {
    const char* base;
    const char* reference;
    const char* url;  // empty: refused
  } rows[] = {
      {"https://h/a/i.toml", "m.toml", "https://h/a/m.toml"},
      {"https://h/a/i.toml", "./m.toml", "https://h/a/m.toml"},
      {"https://h/a/i.toml?x=/y/z", "b/m.toml", "https://h/a/b/m.toml"},
      {"https://h/a/i.toml", "http://other/m.toml", "http://other/m.toml"},
      {"file:///s/i.toml", "m.toml", "file:///s/m.toml"},
      {"https://h/a/i.toml", "../m.toml", ""},
      {"https://h/a/i.toml", "b/../../m.toml", ""},
      {"https://h/a/i.toml", "..", ""},
      {"https://h/a/i.toml", "/etc/m.toml", ""},
      {"https://h/a/i.toml", "//other/m.toml", ""},
      {"https://h/a/i.toml", "", ""},
      {"https://h/a/i.toml", "a b.toml", ""},
      {"https://h/a/i.toml", "http://user@other/m.toml", ""},
      {"https://h/a/i.toml", "javascript:m.toml", ""},
  };
  for (const auto& row : rows) {
    const auto url = ResolveUrl(row.base, row.reference, "the url");
    EXPECT_EQ(url ? *url : "", row.url) << row.reference;
  }
}

class SeenVersionsTest : public testing::Test {
 protected:
  std::string Note(std::int64_t version, const char* content, const char* source = "https://h/i") {
    const auto noted =
        NoteSeen(directory_.path(), {source, version, Sha256(AsBytes(content))}, clock_);
    return noted ? "" : noted.error().message;
  }
  std::string Check(std::int64_t version, const char* content) {
    const auto checked =
        CheckSeen(directory_.path(), {"https://h/i", version, Sha256(AsBytes(content))});
    return checked ? "" : checked.error().message;
  }
  test::TemporaryDirectory directory_;
  VirtualClock clock_;
};

TEST_F(SeenVersionsTest, VersionsOnlyRise) {
  EXPECT_EQ(Note(3, "three"), "");
  EXPECT_EQ(Note(3, "three"), "");
  EXPECT_EQ(Note(5, "five"), "");
  EXPECT_EQ(Note(4, "four"), "index 'https://h/i' has version 4, and version 5 was seen before");
  EXPECT_EQ(Note(5, "else"), "index 'https://h/i' has version 5 as before, but another content");
  EXPECT_EQ(Note(5, "five"), "");
}

TEST_F(SeenVersionsTest, EverySourceHasItsOwn) {
  EXPECT_EQ(Note(5, "five"), "");
  EXPECT_EQ(Note(1, "one", "https://other/i"), "");
}

TEST_F(SeenVersionsTest, CheckingNotesNothing) {
  EXPECT_EQ(Check(5, "five"), "");
  EXPECT_TRUE(std::filesystem::is_empty(directory_.path()));
  EXPECT_EQ(Note(4, "four"), "");
  EXPECT_NE(Check(3, "three"), "");
}

TEST_F(SeenVersionsTest, ADamagedNoteIsNotForgotten) {
  EXPECT_EQ(Note(5, "five"), "");
  for (const auto& entry : std::filesystem::directory_iterator(directory_ / "sources"))
    if (entry.path().extension() == ".toml") test::WriteText(entry.path(), "");
  const auto noted =
      NoteSeen(directory_.path(), {"https://h/i", 9, Sha256(AsBytes("nine"))}, clock_);
  ASSERT_FALSE(noted.has_value());
  EXPECT_EQ(noted.error().code, ExitCode::kNotTrusted);
  EXPECT_NE(noted.error().hint.find("rm '"), std::string::npos);
}

}  // namespace
}  // namespace lastgood
