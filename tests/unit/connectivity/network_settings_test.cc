// SPDX-License-Identifier: MIT
#include "connectivity/network_settings.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "http/answer.h"
#include "support/temporary_directory.h"

namespace lastgood::test {
namespace {

std::string Mistakes(const std::string& text) {
  const auto settings = ParseNetworkSettings(text, "network.toml");
  if (settings) return "none";
  EXPECT_EQ(settings.error().code, ExitCode::kInvalidManifest);
  return settings.error().message;
}

TEST(NetworkSettings, OwnAnswersAreAskedBeforeTheDefaults) {
  const auto settings = ParseNetworkSettings(
      "schema = 1\n[[known_answer]]\nurl = \"http://files.school.example/online\"\n"
      "expect = \"yes\"\n[[known_answer]]\nurl = \"http://10.1.2.3/\"\n",
      "network.toml");
  ASSERT_TRUE(settings) << settings.error().message;
  ASSERT_EQ(settings->known_answers.size(), 2 + DefaultKnownAnswers().size());
  EXPECT_EQ(settings->known_answers[0], (KnownAnswer{"http://files.school.example/online", "yes"}));
  EXPECT_EQ(settings->known_answers[1], (KnownAnswer{"http://10.1.2.3/", std::nullopt}));
  EXPECT_EQ(settings->known_answers[2], DefaultKnownAnswers()[0]);
}

TEST(NetworkSettings, DefaultsCanBeSwitchedOff) {
  const auto settings = ParseNetworkSettings("schema = 1\nuse_defaults = false\n", "network.toml");
  ASSERT_TRUE(settings);
  EXPECT_TRUE(settings->known_answers.empty());
}

TEST(NetworkSettings, DefaultsAreOfSeveralOperatorsOverBothSchemes) {
  std::set<std::string> plain;
  std::set<std::string> secure;
  bool address = false;
  for (const KnownAnswer& known : DefaultKnownAnswers()) {
    address = address || !known.expect;
    if (!known.expect) continue;
    (UrlScheme(known.url) == "https" ? secure : plain).insert(UrlHost(known.url));
  }
  EXPECT_GE(plain.size(), 2U);
  EXPECT_GE(secure.size(), 2U);
  EXPECT_TRUE(address);
}

TEST(NetworkSettings, MistakesAreShownWhereTheyStand) {
  const std::pair<std::string, std::string> cases[] = {
      {"", "network.toml:1:1: error: the file says nothing"},
      {"schema = 2\n", "network.toml:1:10: error: schema 2 is newer"},
      {"schema = 1\nuse_default = false\n", "network.toml:2:1: error: "},
      {"schema = 1\n[[known_answer]]\nexpect = \"x\"\n", "network.toml:2:1: error: "},
      {"schema = 1\n[[known_answer]]\nurl = \"file:///a\"\n",
       "network.toml:3:7: error: 'url' must start with http:// or https://"},
      {"schema = 1\n[[known_answer]]\nurl = \"http://u:p@a/\"\n",
       "network.toml:3:7: error: 'url' must not contain a user name or password"},
      {"schema = 1\n[[known_answer]]\nurl = \"http://a/\"\nexpect = 1\n",
       "network.toml:4:10: error: "},
  };
  for (const auto& [text, mistake] : cases)
    EXPECT_EQ(Mistakes(text).substr(0, mistake.size()), mistake) << text << Mistakes(text);
}

TEST(NetworkSettings, ExampleOfThePageIsRight) {
  const std::string page = ReadText(LASTGOOD_SOURCE_DIR "/docs/connectivity.md");
  const std::string opening = "```toml\n";
  const std::size_t begin = page.find(opening);
  ASSERT_NE(begin, std::string::npos);
  const std::size_t start = begin + opening.size();
  const auto settings = ParseNetworkSettings(page.substr(start, page.find("```", start) - start),
                                             "docs/connectivity.md");
  ASSERT_TRUE(settings) << settings.error().message;
  EXPECT_NE(settings->known_answers, DefaultKnownAnswers());
}

}  // namespace
}  // namespace lastgood::test
