// SPDX-License-Identifier: MIT
#include "setup/template_text.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "setup_fixture.h"

namespace lastgood {
namespace {

TEST(TemplateTextTest, PlacesAreFilledAndTheRestIsKept) {
  test::TestHost host;
  host.host().invoker = "pupil";
  host.host().facts.boot_directory = "/boot";
  host.host().facts.architecture = "arm64";
  host.host().facts.release.codename = "trixie";
  host.host().facts.model.text = "Raspberry Pi 5";
  const std::pair<std::string, std::string> cases[] = {
      {"", ""},
      {"no place", "no place"},
      {"@invoker@", "pupil"},
      {"@invoker@@invoker@", "pupilpupil"},
      {"<@boot_directory@|@model@|@architecture@|@release@>",
       "</boot|Raspberry Pi 5|arm64|trixie>"},
      {"@@", "@"},
      {"@@invoker@@", "@invoker@"},
      {"@@@invoker@@@", "@pupil@"},
      {"\r\n\x01@release@\n", "\r\n\x01trixie\n"},
  };
  for (const auto& [text, filled] : cases) {
    EXPECT_EQ(WhyNotTemplate(text), std::nullopt) << text;
    EXPECT_EQ(test::Must(FillTemplate(text, host.host())), filled) << text;
  }
}

TEST(TemplateTextTest, WhatStandsForNothingIsRefused) {
  const std::string stray =
      "has an '@' in its line 1 that begins no placeholder; write '@@' for one";
  const std::pair<std::string, std::string> cases[] = {
      {"@", stray},
      {"a@b.c", stray},
      {"@@@", stray},
      {"@Model@", stray},
      {"@invoker", stray},
      {"@modell@", "has '@modell@', which stands for nothing; did you mean '@model@'?"},
      {"@hostname@",
       "has '@hostname@', which stands for nothing; there are @invoker@, @boot_directory@, "
       "@model@, @architecture@, @release@"},
  };
  for (const auto& [text, why] : cases) EXPECT_EQ(WhyNotTemplate(text), why) << text;
}

}  // namespace
}  // namespace lastgood
