// SPDX-License-Identifier: MIT
#include "bundle/bundle_contents.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace lastgood {
namespace {

Sha256Digest Digest(std::uint8_t octet) {
  Sha256Digest digest;
  digest.octets.fill(octet);
  return digest;
}

BundleContents Good() {
  return {{{"manifests/a.toml", Digest(1)}, {{"manifests/a.toml.minisig", Digest(2)}}},
          {{{"recipes/b.toml", Digest(3)}, {}},
           {{"recipes/base.toml", Digest(6)}, {{"recipes/base.toml.minisig", Digest(7)}}}},
          {Digest(4), Digest(5)}};
}

TEST(BundleContents, AreReadBackAsTheyWereWritten) {
  const BundleContents contents = Good();
  const auto parsed = ParseContents(FormatContents(contents));
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(*parsed, contents);
  EXPECT_EQ(FormatContents(contents).substr(0, 84),
            Digest(1).ToHex() + "  manifests/a.toml\n" + "0");
}

TEST(BundleContents, NamesThatEveryTarAndShellCanSay) {
  for (const char* name : {"a.toml", "espiot-phat_1.2+x.toml"})
    EXPECT_TRUE(IsDescriptionName(name));
  for (const char* name : {"", "a", "a b.toml", "../a.toml", "a/b.toml", ".a.toml", "-a.toml",
                           "\xc3\xa4.toml", "a\n.toml", "a.toml.minisig"})
    EXPECT_FALSE(IsDescriptionName(name)) << name;
  EXPECT_FALSE(IsDescriptionName(std::string(76, 'a') + ".toml"));
  EXPECT_TRUE(IsDescriptionName(std::string(75, 'a') + ".toml"));
}

TEST(BundleContents, AnythingElseIsRefused) {
  const std::string manifest = Digest(1).ToHex() + "  manifests/a.toml\n";
  const std::string recipe = Digest(2).ToHex() + "  recipes/b.toml\n";
  const auto image = [](std::uint8_t octet) {
    return fmt::format("{0}  images/{0}\n", Digest(octet).ToHex());
  };
  ASSERT_TRUE(ParseContents(manifest + recipe + image(4) + image(5)));
  std::string nine;
  for (int i = 1; i <= 9; ++i) nine += fmt::format("{}  recipes/{}.toml\n", Digest(2).ToHex(), i);
  ASSERT_TRUE(ParseContents(manifest + nine));
  const std::string other = "it holds other files than a bundle does, or in another order";
  struct Case {
    std::string text;
    std::string message;
  };
  const Case cases[] = {
      {"", "it has no manifest where a bundle has one"},
      {recipe, "it has no manifest where a bundle has one"},
      {manifest, "it has no recipe where a bundle has one"},
      {manifest + manifest + recipe, "it has no recipe where a bundle has one"},
      {manifest + recipe + recipe, other},
      {manifest + nine + recipe, other},
      {manifest + recipe + image(4) + nine, other},
      {manifest + recipe + image(5) + image(4), other},
      {manifest + recipe + image(4) + image(4), other},
      {manifest + recipe + Digest(4).ToHex() + "  images/" + Digest(5).ToHex() + "\n", other},
      {manifest + recipe + Digest(4).ToHex() + "  /etc/passwd\n", other},
      {Digest(1).ToHex() + "  manifests/../a.toml\n" + recipe,
       "it has no manifest where a bundle has one"},
      {manifest + Digest(2).ToHex() + "  recipes/b.txt\n",
       "it has no recipe where a bundle has one"},
      {manifest + recipe.substr(0, recipe.size() - 1), "line 2 of its SHA256SUMS makes no sense"},
      {manifest + "\n", "line 2 of its SHA256SUMS makes no sense"},
      {Digest(1).ToHex() + " *manifests/a.toml\n", "line 1 of its SHA256SUMS makes no sense"},
      {"AB" + manifest.substr(2), "line 1 of its SHA256SUMS makes no sense"},
      {"zz" + manifest.substr(2), "line 1 of its SHA256SUMS makes no sense"},
  };
  for (const Case& row : cases) {
    const auto parsed = ParseContents(row.text);
    ASSERT_FALSE(parsed) << row.text;
    EXPECT_EQ(parsed.error().message, row.message);
    EXPECT_EQ(parsed.error().code, ExitCode::kNotTrusted);
  }
}

TEST(BundleContents, EveryTruncationIsRefusedOrIsAShorterTable) {
  const std::string text = FormatContents(Good());
  for (std::size_t size = 0; size < text.size(); ++size) {
    const auto parsed = ParseContents(std::string_view(text).substr(0, size));
    EXPECT_TRUE(!parsed || FormatContents(*parsed) == text.substr(0, size)) << size;
  }
}

}  // namespace
}  // namespace lastgood
