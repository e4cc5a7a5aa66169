// SPDX-License-Identifier: MIT
// docs/trust.md: its examples are valid, and it knows every key.
#include <gtest/gtest.h>

#include "trust/index.h"
#include "trust/judge.h"
#include "trust/key_list.h"
#include "trust/policy.h"
#include "unit/manifest/document_examples.h"

namespace lastgood {
namespace {

TEST(TrustDocsTest, EveryExampleIsValid) {
  std::vector<std::string> examples;
  for (const test::Example& example : test::Examples(test::Documentation("trust.md")))
    if (example.language == "toml") examples.push_back(example.text);
  ASSERT_EQ(examples.size(), 3U);
  const auto policy = ParsePolicy(examples[0], "policy");
  EXPECT_TRUE(policy.has_value()) << policy.error().message;
  const auto list = ParseKeyList(examples[1], "list");
  EXPECT_TRUE(list.has_value()) << list.error().message;
  const auto index = ParseIndex(examples[2], "index");
  EXPECT_TRUE(index.has_value()) << index.error().message;
}

TEST(TrustDocsTest, TheTrustedCommentIsWhatIsWritten) {
  const std::string page = test::Documentation("trust.md");
  EXPECT_NE(
      page.find("\n" + FormatComment({1795769521, "good.toml", "good", "1.22.1", "for room 12"}) +
                "\n"),
      std::string::npos);
}

// A key that a reader offers and the page does not know is a key that nobody finds.
TEST(TrustDocsTest, EveryKeyIsDocumented) {
  const std::string page = test::Documentation("trust.md");
  std::string messages;
  const auto policy = ParsePolicy("schema = 1\nzzzzzz = 1\n[[source]]\nzzzzzz = 1\n", "p");
  ASSERT_FALSE(policy.has_value());
  messages += policy.error().message + '\n';
  const auto list = ParseKeyList("schema = 1\nzzzzzz = 1\n[[key]]\nzzzzzz = 1\n", "l");
  ASSERT_FALSE(list.has_value());
  messages += list.error().message + '\n';
  const auto index = ParseIndex("schema = 1\nzzzzzz = 1\n[[manifest]]\nzzzzzz = 1\n", "i");
  ASSERT_FALSE(index.has_value());
  messages += index.error().message + '\n';
  const auto keys = test::OfferedKeys(messages);
  EXPECT_GT(keys.size(), 15U) << messages;
  for (const std::string& key : keys)
    EXPECT_NE(page.find('`' + key + '`'), std::string::npos) << key;
}

}  // namespace
}  // namespace lastgood
