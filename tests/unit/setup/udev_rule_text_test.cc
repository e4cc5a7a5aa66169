// SPDX-License-Identifier: MIT
#include "setup/udev_rule_text.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace lastgood {
namespace {

// Debian's and other people's rules, and what is allowed beside them.
TEST(UdevRuleTextTest, RulesAsTheyStandAreRead) {
  const char* const rules[] = {
      "",
      "   \t",
      "# a comment with \"quotes",
      R"(SUBSYSTEM=="gpio", GROUP="gpio", MODE="0660")",
      R"(SUBSYSTEM=="tty", ATTRS{idVendor}=="1a86", ATTRS{idProduct}=="7523", SYMLINK+="board")",
      R"(KERNEL=="ttyAMA[01]|ttyS0" , SUBSYSTEM == "tty",TAG+="systemd",TAG-="uaccess")",
      R"(ACTION!="remove", ENV{ID_BUS}=="?*", ENV{X}="", GOTO="end")",
      R"(LABEL="end")",
      R"(PROGRAM="/bin/sh -c 'echo \"x\"'", RESULT=="x", RUN{program}+="/bin/true")",
      R"(IMPORT{builtin}="path_id", OPTIONS+="watch", SECLABEL{selinux}="x")",
      R"(TEST{0644}=="file", TEST=="file", CONST{arch}=="arm64", SYSCTL{kernel.x}="1")",
      R"(ATTR{value}=e"a\tb", NAME:="eth7",)",
  };
  for (const char* rule : rules) {
    const auto mistake = ParseUdevRule(rule).mistake;
    EXPECT_FALSE(mistake) << rule << "\n" << mistake->at << " " << mistake->what;
  }
}

TEST(UdevRuleTextTest, TermsAreTakenApart) {
  const UdevRule rule = ParseUdevRule(R"(SUBSYSTEM=="tty|usb", ENV{A B} != "say \"a, b\"")");
  ASSERT_EQ(rule.terms.size(), 2U);
  EXPECT_EQ(rule.terms[0].key, "SUBSYSTEM");
  EXPECT_EQ(rule.terms[0].attribute, "");
  EXPECT_EQ(rule.terms[0].operation, "==");
  EXPECT_EQ(rule.terms[0].value, "tty|usb");
  EXPECT_EQ(rule.terms[1].key, "ENV");
  EXPECT_EQ(rule.terms[1].attribute, "A B");
  EXPECT_EQ(rule.terms[1].operation, "!=");
  EXPECT_EQ(rule.terms[1].value, R"(say \"a, b\")");
  EXPECT_TRUE(ParseUdevRule("# SUBSYSTEM==\"tty\"").terms.empty());
}

TEST(UdevRuleTextTest, MistakesAreFoundAtTheirPlace) {
  const std::pair<std::string, std::string> cases[] = {
      {R"(SUBSYSTEMM=="tty")", "0 'SUBSYSTEMM' is not a key of udev's; did you mean 'SUBSYSTEM'?"},
      {R"(KERNEL=="a", subsystem=="tty")",
       "13 'subsystem' is not a key of udev's; did you mean 'SUBSYSTEM'?"},
      {R"(=="tty")", "0 there must be a key here, such as KERNEL"},
      {R"(SUBSYSTEM="tty")", "9 'SUBSYSTEM' is compared, not set: write '=='"},
      {R"(KERNEL+="tty")", "6 'KERNEL' is compared, not set: write '=='"},
      {R"(MODE=="0660")", "4 'MODE' is set, not compared: write '='"},
      {R"(RUN!="x")", "3 'RUN' is set, not compared: write '='"},
      {R"(SYMLINK-="x")", "7 '-=' is for TAG, not for 'SYMLINK'"},
      {R"(KERNEL "x")", "7 there must be one of == != = += -= := here"},
      {R"(KERNEL=="x)", "8 this quote has no end"},
      {R"(KERNEL=="x\")", "8 this quote has no end"},
      {R"(KERNEL==tty0)", "8 there must be a value in double quotes here"},
      {R"(KERNEL=='tty0')", "8 there must be a value in double quotes here"},
      {R"(KERNEL==)", "8 there must be a value in double quotes here"},
      {R"(KERNEL=="a" MODE="0660")", "12 there must be a comma here"},
      {R"(KERNEL=="a";MODE="0660")", "11 there must be a comma here"},
      {R"(KERNEL=="a",,MODE="0660")", "12 there must be a key here, such as KERNEL"},
      {R"(KERNEL=="a", \)", "13 there must be a key here, such as KERNEL"},
      {R"(ATTR=="x")", "4 'ATTR' needs to say which: ATTR{…}"},
      {R"(KERNEL{x}=="x")", "6 'KERNEL' has no attribute"},
      {R"(ATTR{x=="x")", "5 there must be a name and a '}' here"},
      {R"(ATTR{}=="x")", "5 there must be a name and a '}' here"},
  };
  for (const auto& [rule, expected] : cases) {
    const auto mistake = ParseUdevRule(rule).mistake;
    ASSERT_TRUE(mistake) << rule;
    EXPECT_EQ(std::to_string(mistake->at) + " " + mistake->what, expected) << rule;
  }
}

}  // namespace
}  // namespace lastgood
