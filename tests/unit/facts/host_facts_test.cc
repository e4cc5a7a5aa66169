// SPDX-License-Identifier: MIT
#include "facts/host_facts.h"

#include <fmt/ranges.h>
#include <gtest/gtest.h>

namespace lastgood {
namespace {

TEST(HostFactsTest, ModelsHaveTheirUartAndTheirSections) {
  struct Row {
    const char* text;
    HeaderUart header;
    const char* filters;
  };
  constexpr Row kRows[] = {
      {"Raspberry Pi Model B Rev 2", HeaderUart::kPl011, "pi1"},
      {"Raspberry Pi Model A Plus Rev 1.1", HeaderUart::kPl011, "pi1"},
      {"Raspberry Pi 2 Model B Rev 1.1", HeaderUart::kPl011, "pi2"},
      {"Raspberry Pi Zero Rev 1.3", HeaderUart::kPl011, "pi0"},
      {"Raspberry Pi Zero W Rev 1.1", HeaderUart::kBluetooth, "pi0 pi0w"},
      {"Raspberry Pi Zero 2 W Rev 1.0", HeaderUart::kBluetooth, "pi0 pi0w pi02"},
      {"Raspberry Pi 3 Model B Rev 1.2", HeaderUart::kBluetooth, "pi3"},
      {"Raspberry Pi 3 Model A Plus Rev 1.0", HeaderUart::kBluetooth, "pi3 pi3+"},
      {"Raspberry Pi 4 Model B Rev 1.5", HeaderUart::kBluetooth, "pi4"},
      {"Raspberry Pi 400 Rev 1.0", HeaderUart::kBluetooth, "pi4 pi400"},
      {"Raspberry Pi 5 Model B Rev 1.0", HeaderUart::kRp1, "pi5"},
      {"Raspberry Pi 500 Rev 1.0", HeaderUart::kRp1, "pi5 pi500"},
      {"Raspberry Pi Compute Module Rev 1.0", HeaderUart::kPl011, "pi1"},
      {"Raspberry Pi Compute Module 3 Plus Rev 1.0", HeaderUart::kPl011, "pi3"},
      {"Raspberry Pi Compute Module 4 Rev 1.0", HeaderUart::kBluetooth, "pi4 cm4"},
      {"Raspberry Pi Compute Module 4S Rev 1.0", HeaderUart::kPl011, "pi4 cm4s"},
      {"Raspberry Pi Compute Module 5 Lite Rev 1.0", HeaderUart::kRp1, "pi5 cm5"},
      {"Raspberry Pi 9 Model X", HeaderUart::kNone, ""},
      {"Banana Pi BPI-M5", HeaderUart::kNone, ""},
      {"", HeaderUart::kNone, ""},
  };
  for (const Row& row : kRows) {
    const HostModel model = ModelNamed(row.text);
    EXPECT_EQ(model.header, row.header) << row.text;
    EXPECT_EQ(fmt::format("{}", fmt::join(model.filters, " ")), row.filters) << row.text;
  }
}

TEST(HostFactsTest, NumbersStandAlone) {
  EXPECT_EQ(ParseNumber("17"), 17U);
  EXPECT_EQ(ParseNumber("0660", 8), 0660U);
  for (const char* text : {"", "-1", "17x", " 17", "4294967296", "0x11"})
    EXPECT_EQ(ParseNumber(text), std::nullopt) << text;
}

TEST(HostFactsTest, TextComesApart) {
  EXPECT_EQ(SplitText("a,,b", ','), (std::vector<std::string>{"a", "", "b"}));
  EXPECT_EQ(SplitText("", ','), std::vector<std::string>{""});
  EXPECT_EQ(WordsOf("  a\tb\n"), (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(WordsOf(" \n").empty());
  EXPECT_EQ(Trimmed("\t a b \r\n"), "a b");
  EXPECT_EQ(Trimmed(" "), "");
}

}  // namespace
}  // namespace lastgood
