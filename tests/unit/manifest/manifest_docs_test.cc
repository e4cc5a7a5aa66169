// SPDX-License-Identifier: MIT
// docs/manifest.md: its examples are valid, and it knows every key.
#include <gtest/gtest.h>

#include "manifest/manifest.h"
#include "unit/manifest/document_examples.h"

namespace lastgood {
namespace {

TEST(ManifestDocsTest, EveryExampleIsValid) {
  int count = 0;
  for (const test::Example& example : test::Examples(test::Documentation("manifest.md"))) {
    if (example.language != "toml") continue;
    ++count;
    const auto manifest = ParseManifest(example.text, "docs/manifest.md");
    EXPECT_TRUE(manifest.has_value()) << manifest.error().message;
  }
  EXPECT_EQ(count, 4);
}

TEST(ManifestDocsTest, ShownMistakesAreWhatIsReallySaid) {
  const auto examples = test::Examples(test::Documentation("manifest.md"));
  int count = 0;
  for (std::size_t i = 0; i + 1 < examples.size(); ++i) {
    if (examples[i].language != "toml invalid") continue;
    ++count;
    const auto manifest = ParseManifest(examples[i].text, "classroom.toml");
    ASSERT_FALSE(manifest.has_value());
    EXPECT_EQ(examples[i + 1].language, "text");
    EXPECT_EQ(manifest.error().message + "\n", examples[i + 1].text);
  }
  EXPECT_EQ(count, 1);
}

// A key that the reader offers and the page does not know is a key that nobody finds.
TEST(ManifestDocsTest, EveryKeyIsDocumented) {
  const auto manifest = ParseManifest(
      "schema = 1\nzzzzzz = 1\ndependencies.zzzzzz = 1\n[firmware]\nzzzzzz = 1\n"
      "[[firmware.part]]\nzzzzzz = 1\n[firmware.flash]\nzzzzzz = 1\n[firmware.health]\n"
      "zzzzzz = 1\n[[firmware.health.run]]\nzzzzzz = 1\n",
      "m");
  ASSERT_FALSE(manifest.has_value());
  const auto keys = test::OfferedKeys(manifest.error().message);
  EXPECT_GT(keys.size(), 20U) << manifest.error().message;
  const std::string page = test::Documentation("manifest.md");
  for (const std::string& key : keys)
    EXPECT_NE(page.find('`' + key + '`'), std::string::npos) << key;
}

}  // namespace
}  // namespace lastgood
