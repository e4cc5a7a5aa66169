// SPDX-License-Identifier: MIT
#include "trust/policy.h"

#include <gtest/gtest.h>

#include "support/temporary_directory.h"

namespace lastgood {
namespace {

TEST(PolicyTest, NoFileIsTheDefault) {
  const test::TemporaryDirectory directory;
  const auto policy = LoadPolicy(directory / "policy.toml");
  ASSERT_TRUE(policy.has_value());
  EXPECT_EQ(policy->require_signature, SignatureRequirement::kRemote);
  EXPECT_TRUE(policy->sources.empty());
}

TEST(PolicyTest, WhatItSays) {
  const test::TemporaryDirectory directory;
  test::WriteText(directory / "policy.toml",
                  "schema = 1\nrequire_signature = \"always\"\n"
                  "[[source]]\nprefix = \"https://a/\"\nkeys = [\"0102030405060708\"]\n");
  const auto policy = LoadPolicy(directory / "policy.toml");
  ASSERT_TRUE(policy.has_value()) << policy.error().message;
  EXPECT_EQ(policy->require_signature, SignatureRequirement::kAlways);
  ASSERT_EQ(policy->sources.size(), 1U);
  EXPECT_EQ(policy->sources[0].prefix, "https://a/");
  ASSERT_EQ(policy->sources[0].keys.size(), 1U);
  EXPECT_EQ(policy->sources[0].keys[0].ToString(), "0102030405060708");
}

TEST(PolicyTest, MistakesAreNeverSkipped) {
  const struct {
    const char* text;
    const char* message;
  } rows[] = {
      {"", "p:1:1: error: the file says nothing"},
      {"schema = 2\n", "p:1:10: error: schema 2 is newer"},
      {"schema = 1\nrequire_signature = \"allways\"\n", "did you mean 'always'"},
      {"schema = 1\nrequire_signatures = \"always\"\n", "did you mean 'require_signature'"},
      {"schema = 1\n[[source]]\nprefix = \"x\"\n", "'keys' must name at least one key"},
      {"schema = 1\n[[source]]\nprefix = \"x\"\nkeys = []\n", "'keys' must name at least one key"},
      {"schema = 1\n[[source]]\nprefix = \"x\"\nkeys = [\"1\"]\n",
       "p:4:9: error: 'keys' must hold key ids of 16 hex digits"},
      {"schema = 1\n[[source]]\nkeys = [\"0102030405060708\"]\n", "'prefix'"},
  };
  for (const auto& row : rows) {
    const auto policy = ParsePolicy(row.text, "p");
    ASSERT_FALSE(policy.has_value()) << row.text;
    EXPECT_EQ(policy.error().code, ExitCode::kInvalidManifest);
    EXPECT_NE(policy.error().message.find(row.message), std::string::npos)
        << policy.error().message;
  }
}

TEST(PolicyTest, WhatCannotBeReadIsNotTheDefault) {
  const test::TemporaryDirectory directory;
  std::filesystem::create_directory(directory / "policy.toml");
  const auto policy = LoadPolicy(directory / "policy.toml");
  ASSERT_FALSE(policy.has_value());
  EXPECT_EQ(policy.error().code, ExitCode::kInvalidManifest);
}

}  // namespace
}  // namespace lastgood
