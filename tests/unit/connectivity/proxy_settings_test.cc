// SPDX-License-Identifier: MIT
#include "connectivity/proxy_settings.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "connectivity/apt_configuration.h"
#include "support/temporary_directory.h"

namespace lastgood::test {
namespace {

TEST(ParseAptConfiguration, EveryWayToWriteASettingIsRead) {
  const struct {
    std::string text;
    std::vector<AptSetting> settings;
  } cases[] = {
      {"Acquire::http::Proxy \"http://a:1\";", {{"acquire::http::proxy", "http://a:1"}}},
      {"ACQUIRE::HTTP::PROXY http://a:1;", {{"acquire::http::proxy", "http://a:1"}}},
      {"Acquire { http { Proxy \"http://a:1\"; }; };", {{"acquire::http::proxy", "http://a:1"}}},
      {"Acquire::http {\n  Proxy \"a\";\n  Proxy::deb.local DIRECT;\n}\nX \"y\";",
       {{"acquire::http::proxy", "a"}, {"acquire::http::proxy::deb.local", "DIRECT"}, {"x", "y"}}},
      {"// A \"1\";\n# B \"2\";\n/* C \"3\";\n D */ E \"4\"; // F", {{"e", "4"}}},
      {"A \"x // y # z; {\";", {{"a", "x // y # z; {"}}},
      {"", {}},
      {"A", {}},
      {"A \"1\"; B \"never closed;\n", {{"a", "1"}}},
      {"/* never closed A \"1\";", {}},
      {"}; A \"1\";", {}},
      {"{ A \"1\"; };", {}},
  };
  for (const auto& row : cases) {
    EXPECT_EQ(ParseAptConfiguration(row.text), row.settings) << row.text;
  }
}

TEST(ParseAptConfiguration, DepthIsBounded) {
  std::string text;
  for (int i = 0; i < 10'000; ++i) text += "a{";
  EXPECT_TRUE(ParseAptConfiguration(text).empty());
}

TEST(ProxyFor, SchemeAndExceptionsDecide) {
  ProxyVariables variables;
  variables.http_proxy = "http://plain:1";
  variables.https_proxy = "http://secure:1";
  variables.no_proxy = "localhost, .school.example,127.0.0.1,::1";
  const std::pair<std::string, std::string> cases[] = {
      {"http://micropython.org/", "http://plain:1"},
      {"https://micropython.org/", "http://secure:1"},
      {"file:///a", ""},
      {"http://localhost/", ""},
      {"http://LOCALHOST:8080/", ""},
      {"http://127.0.0.1:8080/", ""},
      {"http://[::1]:8080/", ""},
      {"http://school.example/", ""},
      {"http://files.school.example/", ""},
      {"http://myschool.example/", "http://plain:1"},
      {"http://notlocalhost/", "http://plain:1"},
  };
  for (const auto& [url, proxy] : cases) EXPECT_EQ(ProxyFor(url, variables), proxy) << url;
  variables.no_proxy = "*";
  EXPECT_EQ(ProxyFor("http://micropython.org/", variables), "");
  variables = {};
  variables.all_proxy = "socks5h://all:1";
  EXPECT_EQ(ProxyFor("https://micropython.org/", variables), "socks5h://all:1");
}

TEST(ParseEnvironmentFile, LinesOfPamEnvAreRead) {
  const ProxyVariables variables = ParseEnvironmentFile(
      "PATH=\"/usr/bin\"\n"
      "# https_proxy=http://comment:1\n"
      "http_proxy=\"http://a:1\"\r\n"
      "export https_proxy = 'http://b:1' \n"
      "HTTP_PROXY=http://never:1\n"
      "ALL_PROXY=http://c:1\n"
      "no_proxy=localhost,127.0.0.1");
  EXPECT_EQ(variables.http_proxy, "http://a:1");
  EXPECT_EQ(variables.https_proxy, "http://b:1");
  EXPECT_EQ(variables.all_proxy, "http://c:1");
  EXPECT_EQ(variables.no_proxy, "localhost,127.0.0.1");
  EXPECT_EQ(ParseEnvironmentFile("https_proxy=low\nHTTPS_PROXY=up").https_proxy, "low");
  EXPECT_EQ(ParseEnvironmentFile("HTTPS_PROXY=up\nhttps_proxy=low").https_proxy, "low");
  EXPECT_EQ(ParseEnvironmentFile("=\n\"\nhttps_proxy=\"\n"),
            ParseEnvironmentFile("https_proxy=\""));
}

class FindProxiesIn : public testing::Test {
 protected:
  void Write(const std::string& path, const std::string& text) {
    std::filesystem::create_directories((root_ / path).parent_path());
    WriteText(root_ / path, text);
  }
  std::vector<FoundProxy> Find(const std::string& url = "https://micropython.org/fw.bin") {
    return FindProxies(root_.path(), url).proxies;
  }
  TemporaryDirectory root_;
};

TEST_F(FindProxiesIn, NothingThereIsNothingFound) { EXPECT_TRUE(Find().empty()); }

TEST_F(FindProxiesIn, BothPlacesAreNamedWithTheirFile) {
  Write("etc/environment", "https_proxy=http://a:1\n");
  Write("etc/apt/apt.conf.d/95proxy", "Acquire::http::Proxy \"http://b:1\";\n");
  EXPECT_EQ(Find(), (std::vector<FoundProxy>{{"http://a:1", "/etc/environment"},
                                             {"http://b:1", "/etc/apt/apt.conf.d/95proxy"}}));
}

TEST_F(FindProxiesIn, SameProxyIsFoundOnce) {
  Write("etc/environment", "https_proxy=http://a:1\n");
  Write("etc/apt/apt.conf", "Acquire::http::Proxy \"http://a:1\";\n");
  EXPECT_EQ(Find().size(), 1U);
}

TEST_F(FindProxiesIn, LaterFileOfAptCountsAndTheMainOneIsLast) {
  Write("etc/apt/apt.conf.d/10a", "Acquire::http::Proxy \"http://a:1\";");
  Write("etc/apt/apt.conf.d/20b.conf", "Acquire::http::Proxy \"http://b:1\";");
  Write("etc/apt/apt.conf.d/30c.bak", "Acquire::http::Proxy \"http://never:1\";");
  Write("etc/apt/apt.conf.d/40d~", "Acquire::http::Proxy \"http://never:1\";");
  EXPECT_EQ(Find().at(0).url, "http://b:1");
  Write("etc/apt/apt.conf", "Acquire::http::Proxy \"http://main:1\";");
  EXPECT_EQ(Find().at(0), (FoundProxy{"http://main:1", "/etc/apt/apt.conf"}));
}

TEST_F(FindProxiesIn, HttpsHasItsOwnOrTakesHttps) {
  Write("etc/apt/apt.conf",
        "Acquire::http::Proxy \"http://a:1\"; Acquire::https::Proxy \"http://b:1\";");
  EXPECT_EQ(Find("https://x/").at(0).url, "http://b:1");
  EXPECT_EQ(Find("http://x/").at(0).url, "http://a:1");
  Write("etc/apt/apt.conf",
        "Acquire::http::Proxy \"http://a:1\"; Acquire::https::Proxy \"DIRECT\";");
  EXPECT_TRUE(Find("https://x/").empty());
}

TEST_F(FindProxiesIn, ExceptionsOfTheFileHold) {
  Write("etc/environment", "https_proxy=http://a:1\nno_proxy=micropython.org\n");
  EXPECT_TRUE(Find().empty());
}

TEST_F(FindProxiesIn, ProgramThatFindsAProxyIsNamedAndNotRun) {
  const auto mark = root_ / "ran";
  Write("etc/apt/apt.conf.d/auto",
        "Acquire::http::Proxy-Auto-Detect \"/usr/bin/touch " + mark.string() + "\";");
  const ProxySearch search = FindProxies(root_.path(), "http://x/");
  EXPECT_TRUE(search.proxies.empty());
  ASSERT_EQ(search.notes.size(), 1U);
  EXPECT_EQ(search.notes[0].find(
                "/etc/apt/apt.conf.d/auto names a program that finds a proxy, not run: /usr/bin"),
            0U);
  EXPECT_FALSE(std::filesystem::exists(mark));
}

}  // namespace
}  // namespace lastgood::test
