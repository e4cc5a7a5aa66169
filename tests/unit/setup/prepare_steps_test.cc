// SPDX-License-Identifier: MIT
// Which steps of a plan are for which host, and what two of them may not both want.
#include "setup/prepare_steps.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "setup/claims.h"
#include "setup/conditions.h"
#include "setup_fixture.h"

namespace lastgood {
namespace {

using test::Must;
using test::SpecsOf;
using test::TestHost;

// A Raspberry Pi 4 as its card looks. What runs it is told by a head of /bin/sh.
class HostConditionsTest : public testing::Test {
 protected:
  HostConditionsTest() {
    host_.Write("/etc/os-release", "PRETTY_NAME=\"Debian 12\"\nVERSION_CODENAME=bookworm\n");
    host_.Write("/boot/firmware/config.txt", "");
    host_.Reopen("", "Raspberry Pi 4 Model B Rev 1.4");
    host_.host().facts.architecture = "arm64";
  }

  // "" when it is for the host; otherwise why not, or the failure.
  std::string WhyNot(const std::string& when) {
    const StepSpec spec = test::SpecOf("[[step]]\nkind = 'command'\nwhen = { " + when + " }\n");
    const auto why_not = WhyNotForHost(spec.when, host_.host(), "command: x");
    if (why_not) return why_not->value_or("");
    EXPECT_EQ(why_not.error().code, ExitCode::kSetupFailed);
    return why_not.error().message + " [" + why_not.error().hint + "]";
  }

  TestHost host_;
};

TEST_F(HostConditionsTest, EveryKeyHasToHold) {
  struct Case {
    const char* when;
    const char* why_not;
  };
  const Case cases[] = {
      {"", ""},
      {"model = 'Raspberry Pi 4*'", ""},
      {"model = 'Raspberry Pi 4 Model B Rev 1.4'", ""},
      {"model = 'Raspberry Pi 4'",
       "it is for model 'Raspberry Pi 4', this host has 'Raspberry Pi 4 Model B Rev 1.4'"},
      {"model = ['Raspberry Pi 3*', 'Raspberry Pi 4*']", ""},
      {"model = ['Raspberry Pi 3*', 'Raspberry Pi 5*']",
       "it is for model 'Raspberry Pi 3*' or 'Raspberry Pi 5*', this host has 'Raspberry Pi 4 "
       "Model "
       "B Rev 1.4'"},
      {"release = 'bookworm'", ""},
      {"release = 'trixie'", "it is for release 'trixie', this host has 'bookworm'"},
      {"architecture = 'arm*'", ""},
      {"architecture = 'armhf'", "it is for architecture 'armhf', this host has 'arm64'"},
      {"boot = '/boot/firmware'", ""},
      {"boot = '/boot'", "it is for boot '/boot', this host has '/boot/firmware'"},
      {"offline = true", ""},
      {"offline = false", "it is for a host that runs, this is another root directory"},
      {"release = 'bookworm', boot = '/boot/firmware', offline = true", ""},
      {"release = 'bookworm', boot = '/boot', offline = true",
       "it is for boot '/boot', this host has '/boot/firmware'"},
  };
  for (const Case& row : cases) EXPECT_EQ(WhyNot(row.when), row.why_not) << row.when;
}

TEST_F(HostConditionsTest, RunningHostIsNoOtherRoot) {
  TestHost other;
  SetupHost running = OpenSetupHost("/", other.runner, "", "");
  HostConditions when;
  when.offline = true;
  EXPECT_EQ(Must(WhyNotForHost(when, running, "x")),
            "it is for another root directory, this is the host that runs");
  when.offline = false;
  EXPECT_EQ(Must(WhyNotForHost(when, running, "x")), std::nullopt);
}

TEST_F(HostConditionsTest, WhatCanNotBeKnownIsNotGuessed) {
  host_.host().facts = {};
  const std::string start = "whether step 'command: x' is for this host can not be known: ";
  EXPECT_EQ(WhyNot("model = '*'"),
            start +
                "nothing on it says which model it is [name it: --model NAME, such as "
                "\"Raspberry Pi 4 Model B\"]");
  EXPECT_EQ(WhyNot("release = 'bookworm'"),
            start +
                "its os-release has no VERSION_CODENAME [see whether its /etc/os-release is "
                "whole]");
  EXPECT_EQ(WhyNot("architecture = 'arm64'"),
            start +
                "its /bin/sh is of none that is known [see whether its root file system is "
                "whole]");
  EXPECT_EQ(WhyNot("boot = '/boot'"), "it is for boot '/boot', this host has 'none'");
  EXPECT_EQ(WhyNot(""), "");
}

TEST_F(HostConditionsTest, OneNoSettlesWhatElseIsNotKnown) {
  host_.host().facts.model = {};
  EXPECT_EQ(WhyNot("model = 'Raspberry Pi 4*', release = 'trixie'"),
            "it is for release 'trixie', this host has 'bookworm'");
  EXPECT_EQ(WhyNot("model = 'Raspberry Pi 4*', offline = false"),
            "it is for a host that runs, this is another root directory");
}

// Steps of the kind `command`, one a word: "c:0" needs the first, "c!" is not for the host.
std::vector<OrderedStep> Ordered(const std::vector<std::string>& words) {
  std::vector<OrderedStep> steps;
  for (const std::string& word : words) {
    const bool is_left_out = word.find('!') != word.npos;
    OrderedStep step{test::SpecOf("[[step]]\nkind = 'command'\nname = '" + word.substr(0, 1) +
                                  "'\ncheck = ['c']\napply = ['a']\nwhen.offline = " +
                                  (is_left_out ? "false" : "true") + "\n"),
                     {}};
    for (const char c : word)
      if (c >= '0' && c <= '9') step.needs.push_back(static_cast<std::size_t>(c - '0'));
    steps.push_back(std::move(step));
  }
  return steps;
}

TEST(PrepareSteps, LeavesOutWhatIsNotForTheHostAndMovesNeeds) {
  TestHost host;
  const PreparedSteps prepared =
      Must(PrepareSteps(Ordered({"a", "b!", "c:0,1", "d!:0", "e:2,3,0"}), host.host()));
  std::string text;
  for (const PlannedStep& step : prepared.steps) {
    text += step.step->Describe() + " (";
    for (const std::size_t need : step.needs) text += std::to_string(need);
    text += ") ";
  }
  EXPECT_EQ(text, "command: a () command: c (0) command: e (10) ");
  EXPECT_EQ(prepared.left_out,
            (std::vector<std::string>{
                "'command: b': it is for a host that runs, this is another root directory",
                "'command: d': it is for a host that runs, this is another root directory"}));
}

TEST(PrepareSteps, UnknownFactEndsIt) {
  TestHost host;
  std::vector<OrderedStep> ordered = Ordered({"a", "b"});
  ordered[1].spec.when.models = {"Raspberry Pi 4*"};
  const auto prepared = PrepareSteps(ordered, host.host());
  ASSERT_FALSE(prepared);
  EXPECT_EQ(prepared.error().code, ExitCode::kSetupFailed);
  EXPECT_EQ(prepared.error().message,
            "whether step 'command: b' is for this host can not be known: nothing on it says which "
            "model it is");
}

// Mistakes are those of the file, whatever host it is used on.
TEST(PrepareSteps, MistakeInAStepForOtherHostsIsAMistake) {
  TestHost host;
  std::vector<OrderedStep> ordered = Ordered({"a!"});
  ordered[0].spec.kind = "comand";
  const auto prepared = PrepareSteps(ordered, host.host());
  ASSERT_FALSE(prepared);
  EXPECT_EQ(prepared.error().code, ExitCode::kInvalidManifest);
}

class WishfulStep final : public Step {
 public:
  explicit WishfulStep(std::vector<Claim> claims) : claims_(std::move(claims)) {}
  std::string Describe() const override { return "wish"; }
  Result<std::vector<Change>> Pending() override { return std::vector<Change>(); }
  std::vector<Claim> Claims() const override { return claims_; }

 private:
  std::vector<Claim> claims_;
};

constexpr const char* kUart = "boot-config [all] enable_uart";

// Two steps that want `kUart` to be `first` and `second`.
std::string ConflictOf(const std::string& first, const std::string& second,
                       const std::string& first_when = "", const std::string& second_when = "") {
  const std::vector<StepSpec> specs =
      SpecsOf("[[step]]\nkind = 'x'\nwhen = {" + first_when + "}\n[[step]]\nkind = 'x'\nwhen = {" +
              second_when + "}\n");
  std::vector<std::unique_ptr<Step>> steps;
  steps.push_back(std::make_unique<WishfulStep>(std::vector<Claim>{{kUart, first}, {"a", "1"}}));
  steps.push_back(std::make_unique<WishfulStep>(std::vector<Claim>{{"b", "2"}, {kUart, second}}));
  const auto checked = CheckClaims(specs, steps);
  if (checked) return "";
  EXPECT_EQ(checked.error().code, ExitCode::kInvalidManifest);
  return checked.error().message;
}

TEST(Claims, SameWishTwiceIsNoConflict) { EXPECT_EQ(ConflictOf("1", "1"), ""); }

TEST(Claims, DifferentWishesForOneThingAreShownWithBothPlaces) {
  EXPECT_EQ(ConflictOf("1", "0"),
            "recipe.toml:4:1: error: 'boot-config [all] enable_uart' is to be '0' here and '1' at "
            "recipe.toml:1\n"
            "   4 | [[step]]\n"
            "     | ^");
}

TEST(Claims, ConflictDependsOnWhetherBothCanBeForOneHost) {
  EXPECT_EQ(ConflictOf("1", "0", "release = 'bookworm'", "release = 'trixie'"), "");
  EXPECT_NE(ConflictOf("1", "0", "release = 'bookworm'", ""), "");
  EXPECT_NE(ConflictOf("1", "0", "release = 'bookworm'", "architecture = 'arm64'"), "");
}

TEST(Claims, EveryConflictIsSaid) {
  const std::vector<StepSpec> specs =
      SpecsOf("[[step]]\nkind = 'x'\n[[step]]\nkind = 'x'\n[[step]]\nkind = 'x'\n");
  std::vector<std::unique_ptr<Step>> steps;
  for (const char* value : {"1", "2", "3"})
    steps.push_back(std::make_unique<WishfulStep>(std::vector<Claim>{{"t", value}}));
  const auto checked = CheckClaims(specs, steps);
  ASSERT_FALSE(checked);
  for (const char* part : {"'t' is to be '2' here and '1' at recipe.toml:1",
                           "'t' is to be '3' here and '1' at recipe.toml:1",
                           "'t' is to be '3' here and '2' at recipe.toml:3"})
    EXPECT_NE(checked.error().message.find(part), std::string::npos) << checked.error().message;
}

}  // namespace
}  // namespace lastgood
