// SPDX-License-Identifier: MIT
#include "manifest/host_conditions.h"

#include <gtest/gtest.h>

#include <string>

namespace lastgood {
namespace {

HostConditions When(const std::string& text) {
  auto document = toml::Document::Parse(text, "r.toml");
  EXPECT_TRUE(document) << document.error().message;
  toml::Diagnostics mistakes(*std::move(document));
  HostConditions when = ReadConditions(mistakes.document().root(), mistakes);
  EXPECT_TRUE(mistakes.empty()) << mistakes.ToResult().error().message;
  return when;
}

TEST(HostConditions, ArriveAsStringsAndAsLists) {
  const HostConditions when = When(
      "model = 'Raspberry Pi 4*'\nrelease = ['bookworm', 'trixie']\narchitecture = 'arm*'\n"
      "boot = ['/boot/firmware']\noffline = false\n");
  EXPECT_EQ(when.models, std::vector<std::string>{"Raspberry Pi 4*"});
  EXPECT_EQ(when.releases, (std::vector<std::string>{"bookworm", "trixie"}));
  EXPECT_EQ(when.architectures, std::vector<std::string>{"arm*"});
  EXPECT_EQ(when.boot_directories, std::vector<std::string>{"/boot/firmware"});
  EXPECT_EQ(when.offline, false);
  EXPECT_EQ(When("").offline, std::nullopt);
  EXPECT_TRUE(When("").models.empty());
}

TEST(HostConditions, PatternIsAWordOrItsBeginning) {
  struct Case {
    const char* word;
    const char* pattern;
    bool fits;
  };
  const Case cases[] = {
      {"bookworm", "bookworm", true}, {"bookworm", "book", false},
      {"bookworm", "book*", true},    {"bookworm", "bookworm*", true},
      {"book", "bookworm", false},    {"book", "bookworm*", false},
      {"bookworm", "*", true},        {"bookworm", "Bookworm", false},
  };
  for (const Case& row : cases)
    EXPECT_EQ(FitsPattern(row.word, row.pattern), row.fits) << row.word << " " << row.pattern;
}

TEST(HostConditions, TwoCanBothHoldUnlessOneKeyForbidsIt) {
  struct Case {
    const char* a;
    const char* b;
    bool can;
  };
  const Case cases[] = {
      {"", "", true},
      {"", "release = 'bookworm'", true},
      {"release = 'bookworm'", "release = 'bookworm'", true},
      {"release = 'bookworm'", "release = 'trixie'", false},
      {"release = ['bullseye', 'bookworm']", "release = ['bookworm', 'trixie']", true},
      {"release = 'bookworm'", "model = 'Raspberry Pi 4*'", true},
      {"model = 'Raspberry Pi 4*'", "model = 'Raspberry Pi 5*'", false},
      {"model = 'Raspberry Pi*'", "model = 'Raspberry Pi 5*'", true},
      {"model = 'Raspberry Pi 4 Model B Rev 1.4'", "model = 'Raspberry Pi 4*'", true},
      {"model = 'Raspberry Pi 3*'", "model = 'Raspberry Pi 4 Model B Rev 1.4'", false},
      {"model = '*'", "model = 'x'", true},
      {"boot = '/boot'", "boot = '/boot/firmware'", false},
      {"architecture = 'arm*'", "architecture = 'amd64'", false},
      {"offline = true", "offline = false", false},
      {"offline = true", "offline = true", true},
      {"offline = true", "", true},
      {"release = 'bookworm'\noffline = true", "release = 'bookworm'\noffline = false", false},
  };
  for (const Case& row : cases) {
    EXPECT_EQ(CanBothHold(When(row.a), When(row.b)), row.can) << row.a << " | " << row.b;
    EXPECT_EQ(CanBothHold(When(row.b), When(row.a)), row.can) << row.b << " | " << row.a;
  }
}

}  // namespace
}  // namespace lastgood
