// SPDX-License-Identifier: MIT
#include "run/hands.h"

#include <gtest/gtest.h>

#include <ostream>
#include <string>

namespace lastgood {
namespace {

BoardSpec Phat() {
  BoardSpec board;
  board.lines.kind = LinesKind::kGpio;
  board.lines.reset.line = "GPIO17";
  board.lines.boot.line = "GPIO27";
  return board;
}

HandsFacts Facts(std::optional<Health> last = Health::kSilent) {
  HandsFacts facts = HandsFactsOf(Phat(), "espiot-phat", "/usr/share/x/espiot-phat.toml", 42);
  facts.serial_device = "/dev/ttyAMA0";
  facts.board = "18:fe:34:ab:cd:ef";
  facts.last = last;
  return facts;
}

TEST(Hands, NameTheBoardsOwnWiresAndCommandsThatCanBeTyped) {
  const std::vector<std::string> lines = WhatHandsCanDo(Facts());
  ASSERT_EQ(lines.size(), 7U);
  EXPECT_EQ(lines[1],
            "lines: GPIO17 (pin 11 of a Raspberry Pi's header) to the board's RST, GPIO27 (pin 13 "
            "of a Raspberry Pi's header) to its GPIO0");
  EXPECT_EQ(
      lines[2],
      "serial: /dev/ttyAMA0; on a Raspberry Pi's header, pin 8 (TX) to the board's RX, pin 10 "
      "(RX) to its TX, pin 6 to its ground");
  EXPECT_EQ(lines[3], "what the host can tell: lastgood doctor espiot-phat");
  EXPECT_TRUE(
      lines[5].ends_with("lastgood rollback --board 18:fe:34:ab:cd:ef --serial /dev/ttyAMA0"))
      << lines[5];
  EXPECT_EQ(lines[6], "all that was heard: lastgood show 42");
}

TEST(Hands, OtherWiresAreCalledByTheirNames) {
  HandsFacts facts = Facts();
  facts.serial_device = "/dev/ttyUSB0";
  facts.wiring.lines.kind = LinesKind::kModem;
  EXPECT_EQ(WhatHandsCanDo(facts)[1],
            "lines: the adapter's RTS to the board's RST, its DTR to GPIO0");
  EXPECT_TRUE(WhatHandsCanDo(facts)[2].starts_with("serial: /dev/ttyUSB0; the host's TX"));
  facts.wiring.chip = Chip::kEsp32C3;
  EXPECT_EQ(WhatHandsCanDo(facts)[1],
            "lines: the adapter's RTS to the board's EN, its DTR to GPIO9");
  facts.wiring.lines.kind = LinesKind::kNone;
  EXPECT_TRUE(WhatHandsCanDo(facts)[1].find("buttons") != std::string::npos);
  facts.wiring = Phat();
  facts.wiring.lines.reset.line = "";
  facts.wiring.lines.reset.chip = "gpiochip0";
  facts.wiring.lines.reset.offset = 17;
  facts.wiring.lines.boot.line = "GPIO99";
  EXPECT_EQ(WhatHandsCanDo(facts)[1],
            "lines: gpiochip0:17 to the board's RST, GPIO99 to its GPIO0");
}

TEST(Hands, WhereThereIsNothingToGoBackToNoRollbackIsAdvised) {
  HandsFacts facts = Facts();
  facts.way_back = WayBack::kNone;
  for (const std::string& line : WhatHandsCanDo(facts))
    EXPECT_EQ(line.find("rollback"), std::string::npos) << line;
}

TEST(Hands, WhereOnlyACopyIsAtHandItIsRestored) {
  HandsFacts facts = Facts();
  facts.way_back = WayBack::kRestore;
  EXPECT_TRUE(CommandBack(facts).ends_with(
      "lastgood restore espiot-phat --board 18:fe:34:ab:cd:ef --serial /dev/ttyAMA0"))
      << CommandBack(facts);
  Fallback copy;
  copy.is_backup = true;
  EXPECT_EQ(WayBackOf({}), WayBack::kNone);
  EXPECT_EQ(WayBackOf({copy}), WayBack::kRestore);
  EXPECT_EQ(WayBackOf({copy, Fallback{}}), WayBack::kRollback);
}

TEST(Hands, CommandsRepeatTheStateDirectoryAsAShellTakesIt) {
  HandsFacts facts = Facts();
  facts.state_directory = "my state";
  facts.serial_device = "sim:board.flash?chip=esp32";
  const std::vector<std::string> lines = WhatHandsCanDo(facts);
  EXPECT_TRUE(lines[4].ends_with(
      "board espiot-phat --serial 'sim:board.flash?chip=esp32' --state 'my state'"))
      << lines[4];
  EXPECT_TRUE(lines[5].ends_with("--serial 'sim:board.flash?chip=esp32' --state 'my state'"))
      << lines[5];
  EXPECT_EQ(lines[6], "all that was heard: lastgood show 42 --state 'my state'");
  EXPECT_EQ(StateArgument("it's"), " --state 'it'\\''s'");
  EXPECT_EQ(StateArgument(""), "");
}

struct LookRow {
  std::optional<Health> last;
  const char* first;  // part of what to look at first
};

TEST(Hands, WhatToLookAtFirstFollowsFromWhatWasHeardLast) {
  for (const LookRow& row :
       {LookRow{Health::kSilent, "RX and TX"}, LookRow{Health::kGarbage, "ground wire"},
        LookRow{Health::kDownloadMode, "while GPIO27 is released"},
        LookRow{Health::kBootLoop, "size and mode in [firmware.flash]"},
        LookRow{Health::kCrash, "size and mode in [firmware.flash]"},
        LookRow{Health::kBusyProgram, "the host's TX"},
        LookRow{Health::kWrongVersion, "files of the manifest"},
        LookRow{std::nullopt, "3.0 to 3.6 V"}})
    EXPECT_NE(WhatHandsCanDo(Facts(row.last)).front().find(row.first), std::string::npos)
        << WhatHandsCanDo(Facts(row.last)).front();
}

}  // namespace
}  // namespace lastgood
